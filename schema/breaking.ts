import { buildSchema, findBreakingChanges, Kind, parse } from 'graphql'

/** One version of the contract: `schema.client.graphql` and `schema.graphql`. */
export interface Contract {
  readonly client: string
  readonly subgraph: string
}

/** One sentence for each change that breaks a query, generated code or another subgraph, in the order of the schema. */
export function breakingChanges(before: Contract, after: Contract): readonly string[] {
  const forClients = findBreakingChanges(buildSchema(before.client), buildSchema(after.client))
  const keys = keysOf(after.subgraph)
  const removedKeys = [...keysOf(before.subgraph)].filter((key) => !keys.has(key))
  return [
    ...forClients.map(({ description }) => description),
    ...removedKeys.map((key) => `The key ${key} was removed.`),
  ]
}

/** A key such as `Student "id districtId"`. graphql-js does not compare directives. */
function keysOf(subgraph: string): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const definition of parse(subgraph).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue
    for (const { name, arguments: args = [] } of definition.directives ?? [])
      for (const { value } of args)
        if (name.value === 'key' && value.kind === Kind.STRING)
          keys.add(`${definition.name.value} "${value.value}"`)
  }
  return keys
}

/**
 * The changes that CHANGELOG.md does not accept. It accepts a change by its sentence, with or without backticks, under a
 * heading "### Breaking" above the section of the version that is compared with.
 */
export function unacceptedChanges(
  changes: readonly string[],
  changelog: string,
  version: string,
): readonly string[] {
  const [sinceVersion = ''] = changelog.split(`\n## [${version}]`)
  const accepted = sinceVersion
    .split(/^(?=##)/m)
    .filter((section) => section.startsWith('### Breaking'))
    .join('\n')
    .replaceAll('`', '')
  return changes.filter((change) => !accepted.includes(change))
}

/** Whether a version may have breaking changes, compared with an earlier one (semver.org, items 4 and 8). */
export function mayBreak(version: string, earlier: string): boolean {
  const [major, earlierMajor] = [version, earlier].map((each) => Number.parseInt(each, 10))
  return earlierMajor === 0 || (major ?? 0) > (earlierMajor ?? 0)
}
