import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mayBreak } from '../../schema/breaking.ts'
import { compareWithLastTag } from '../../schema/last-tag.ts'

const FILES = ['schema.graphql', 'schema.client.graphql']
const CONTRACT = `type Query {
  contact(id: ID!): Contact
  viewer: String
}

type Contact KEYS{
  id: ID!
  displayName: String!
  email: String
}

enum Kind {
  AUNT_UNCLE
  PARENT
}
`

/** A repository of its own, with a release of a contract under the tag. */
class Repository {
  readonly folder = mkdtempSync(join(tmpdir(), 'breaking-'))

  constructor(tag?: string, changelog = '# Changelog\n\n## [Unreleased]\n') {
    mkdirSync(join(this.folder, 'schema'))
    this.write('schema/schema.client.graphql', CONTRACT.replace('KEYS', ''))
    this.write(
      'schema/schema.graphql',
      CONTRACT.replace('KEYS', '@key(fields: "id districtId") @key(fields: "id") '),
    )
    this.write('package.json', JSON.stringify({ version: tag?.slice(1) ?? '0.0.0' }))
    this.write('CHANGELOG.md', changelog)
    this.git('init', '--quiet')
    this.git('add', '.')
    this.git('commit', '--quiet', '--message', 'Release')
    if (tag !== undefined) this.git('tag', tag)
  }

  write(file: string, text: string) {
    writeFileSync(join(this.folder, file), text)
  }

  /** Changes the contract in the working tree. */
  replace(from: string, to: string) {
    for (const file of FILES) {
      const path = join(this.folder, 'schema', file)
      writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
    }
  }

  git(...args: readonly string[]) {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false']
    const { status, stderr } = spawnSync('git', [...who, ...args], { cwd: this.folder, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  }

  /** `npm run schema:breaking`, in this repository or a clone of it. */
  check(folder = this.folder) {
    const { isAccepted, messages } = compareWithLastTag(folder)
    return { isAccepted, said: messages.join('\n') }
  }

  [Symbol.dispose]() {
    rmSync(this.folder, { recursive: true })
  }
}

const REMOVED = 'Contact.email was removed.'
const removeEmail = (repository: Repository) => repository.replace('  email: String\n', '')

describe('npm run schema:breaking', () => {
  it('passes while the contract only grows', () => {
    using repository = new Repository('v0.1.0')
    repository.replace('  email: String\n', '  email: String\n  phone: String\n')
    expect(repository.check()).toEqual({
      isAccepted: true,
      said: 'Breaking changes since v0.1.0: 0, all of them accepted.',
    })
  })

  it('fails for a field that is gone, and says what to do', () => {
    using repository = new Repository('v0.1.0')
    removeEmail(repository)
    const { isAccepted, said } = repository.check()
    expect(isAccepted).toBe(false)
    expect(said).toContain(`Breaking since v0.1.0: ${REMOVED}`)
    expect(said).toContain('### Breaking')
  })

  it.each([
    ['a value of an enum', '  AUNT_UNCLE\n', '', 'AUNT_UNCLE was removed from enum type Kind.'],
    [
      'a field that may be null now',
      'displayName: String!',
      'displayName: String',
      'Contact.displayName changed type',
    ],
    ['a field that is never null now', 'viewer: String', 'viewer: String!', undefined],
    [
      'a key of an entity',
      '@key(fields: "id districtId") ',
      '',
      'The key Contact "id districtId" was removed.',
    ],
    ['a required argument', 'viewer:', 'viewer(as: ID!):', 'A required arg as on Query.viewer was added.'],
  ])('looks at %s', (_what, from, to, expected) => {
    using repository = new Repository('v0.1.0')
    repository.replace(from, to)
    const { isAccepted, said } = repository.check()
    expect(isAccepted).toBe(expected === undefined)
    expect(said).toContain(expected ?? 'since v0.1.0: 0')
  })

  it('accepts before 1.0 what the changelog has under Breaking, and nothing else of it', () => {
    using repository = new Repository('v0.1.0')
    removeEmail(repository)
    const changelog = (heading: string) =>
      `# Changelog\n\n## [Unreleased]\n\n### ${heading}\n\n- \`Contact.email\` was removed. Use \`Contact.addresses\`.\n\n## [0.1.0]\n`
    repository.write('CHANGELOG.md', changelog('Changed'))
    expect(repository.check().isAccepted).toBe(false)
    repository.write('CHANGELOG.md', changelog('Breaking'))
    expect(repository.check()).toEqual({
      isAccepted: true,
      said: 'Breaking changes since v0.1.0: 1, all of them accepted.',
    })
  })

  it('does not accept again what an earlier version broke', () => {
    using repository = new Repository('v0.1.0')
    removeEmail(repository)
    repository.write('CHANGELOG.md', `# Changelog\n\n## [0.1.0]\n\n### Breaking\n\n- ${REMOVED}\n`)
    expect(repository.check().isAccepted).toBe(false)
  })

  it('asks for a new major version from 1.0 on', () => {
    using repository = new Repository(
      'v1.2.0',
      `# Changelog\n\n## [Unreleased]\n\n### Breaking\n\n- ${REMOVED}\n`,
    )
    removeEmail(repository)
    expect(repository.check()).toMatchObject({
      isAccepted: false,
      said: expect.stringContaining('new major version'),
    })
    repository.write('package.json', JSON.stringify({ version: '2.0.0' }))
    expect(repository.check().isAccepted).toBe(true)
    expect([mayBreak('0.2.0', '0.1.9'), mayBreak('1.3.0', '1.2.0'), mayBreak('10.0.0', '9.1.0')]).toEqual([
      true,
      false,
      true,
    ])
  })

  it('says so and passes where no tag is known: a new repository, a shallow clone, no repository', () => {
    const nothing = {
      isAccepted: true,
      said: expect.stringContaining('No git tag of a version is known here'),
    }
    using fresh = new Repository()
    expect(fresh.check()).toEqual(nothing)
    using released = new Repository('v0.1.0')
    removeEmail(released)
    released.git('commit', '--all', '--quiet', '--message', 'Change')
    const clone = join(released.folder, 'clone')
    released.git('clone', '--quiet', '--depth=1', '--no-tags', `file://${released.folder}`, clone)
    expect(released.check(clone)).toEqual(nothing)
    rmSync(join(fresh.folder, '.git'), { recursive: true })
    expect(fresh.check()).toEqual(nothing)
  })

  it('compares with the tag in a shallow clone that has it', () => {
    using released = new Repository('v0.1.0')
    removeEmail(released)
    released.git('commit', '--all', '--quiet', '--message', 'Change')
    const clone = join(released.folder, 'clone')
    released.git('clone', '--quiet', '--depth=1', `file://${released.folder}`, clone)
    spawnSync('git', ['fetch', '--quiet', '--depth=1', 'origin', 'tag', 'v0.1.0'], { cwd: clone })
    expect(released.check(clone)).toMatchObject({ isAccepted: false, said: expect.stringContaining(REMOVED) })
  })

  it('compares with versions alone, and with no other tag', () => {
    using repository = new Repository('v0.1.0')
    removeEmail(repository)
    repository.git('commit', '--all', '--quiet', '--message', 'Change')
    repository.git('tag', 'deployed')
    expect(repository.check().said).toContain('Breaking since v0.1.0')
  })

  it('passes for a tag from before the contract was printed', () => {
    using repository = new Repository()
    repository.git('rm', '--quiet', '--cached', 'schema/schema.client.graphql')
    repository.git('commit', '--quiet', '--message', 'Earlier')
    repository.git('tag', 'v0.0.1')
    expect(repository.check()).toEqual({
      isAccepted: true,
      said: 'The tag v0.0.1 has no contract, so there is nothing to compare with.',
    })
  })
})
