import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { breakingChanges, type Contract, mayBreak, unacceptedChanges } from './breaking.ts'

/** Tags such as v0.1.0, and no others. */
const VERSIONS = 'v[0-9]*'

interface Comparison {
  readonly isAccepted: boolean
  readonly messages: readonly string[]
}

/**
 * Compares the contract in a folder with that of the last git tag. Refuses changes that break a client or
 * another subgraph, unless CHANGELOG.md lists them as breaking. From 1.0 on, they also need a new major
 * version. If there is nothing to compare with, as in a clone without tags, it says so and accepts.
 */
export function compareWithLastTag(folder: string): Comparison {
  const tag = lastTag(folder)
  if (tag === undefined)
    return accepted(
      'No git tag of a version is known here, so the contract is not compared with an earlier one.',
    )
  const before = contractAt(folder, tag)
  if (before === undefined)
    return accepted(`The tag ${tag} has no contract, so there is nothing to compare with.`)

  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const after = { client: read('schema/schema.client.graphql'), subgraph: read('schema/schema.graphql') }
  const changes = breakingChanges(before, after)
  const version = tag.replace(/^v/, '')
  const unaccepted = unacceptedChanges(changes, read('CHANGELOG.md'), version)
  if (unaccepted.length > 0)
    return refused(
      ...unaccepted.map((change) => `Breaking since ${tag}: ${change}`),
      'Keep the contract, or accept each change: copy its sentence into CHANGELOG.md, under a heading "### Breaking".',
    )
  const current = (JSON.parse(read('package.json')) as { version: string }).version
  if (changes.length > 0 && !mayBreak(current, version))
    return refused(`Breaking changes since ${tag} need a new major version in package.json.`)
  return accepted(`Breaking changes since ${tag}: ${changes.length}, all of them accepted.`)
}

const accepted = (...messages: string[]): Comparison => ({ isAccepted: true, messages })
const refused = (...messages: string[]): Comparison => ({ isAccepted: false, messages })

/** The last tag of a version before this commit; in a clone without history, the newest one. */
function lastTag(folder: string): string | undefined {
  const tags =
    git(folder, 'describe', '--tags', '--abbrev=0', '--match', VERSIONS) ??
    git(folder, 'tag', '--sort=-creatordate', '--list', VERSIONS)
  return tags?.split('\n')[0] || undefined
}

function contractAt(folder: string, tag: string): Contract | undefined {
  const client = git(folder, 'show', `${tag}:./schema/schema.client.graphql`)
  const subgraph = git(folder, 'show', `${tag}:./schema/schema.graphql`)
  return client === undefined || subgraph === undefined ? undefined : { client, subgraph }
}

/** Undefined if git fails or is not installed, or if the folder is not in a repository. */
function git(folder: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8', maxBuffer: 100_000_000 })
  return status === 0 ? stdout.trimEnd() : undefined
}
