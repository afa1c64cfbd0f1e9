import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { printedFiles } from '../../schema/printed.ts'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CONTRACT = ['schema.graphql', 'schema.fenced.graphql', 'schema.client.graphql']

/** `npm run schema`, with these arguments and settings. */
function printSchema(args: readonly string[], environment: Record<string, string> = {}) {
  const command = [join(ROOT, 'schema/print.ts'), ...args]
  const { status, stderr } = spawnSync(process.execPath, command, { env: environment, encoding: 'utf8' })
  return { status, problems: stderr.trim().split('\n').filter(Boolean) }
}

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'printed-'))
  const privileges = { ...defaultPolicy.privileges, READ_LUNCH_MENU: 'The lunch menu of the school.' }
  const policy = join(path, 'policy.json')
  writeFileSync(policy, JSON.stringify({ ...defaultPolicy, privileges }))
  return { path, policy, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

describe('npm run schema', () => {
  it('prints what is checked in', async () => {
    const files = await printedFiles()
    expect(Object.keys(files)).toEqual(expect.arrayContaining(CONTRACT))
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(join(ROOT, 'schema', name), 'utf8'), name).toBe(text)
  })

  it('takes the privileges from POLICY_FILE, in all forms of the contract', async () => {
    using folder = temporaryFolder()
    const files = await printedFiles(folder.policy)
    for (const name of CONTRACT) expect(files[name], name).toContain('READ_LUNCH_MENU')
  })

  it('writes into the folder that --to names, and --check finds what differs or is missing there', () => {
    using folder = temporaryFolder()
    const setting = { POLICY_FILE: folder.policy }
    expect(printSchema(['--to', folder.path], setting)).toEqual({ status: 0, problems: [] })
    const [changed = '', missing = ''] = CONTRACT.map((name) => join(folder.path, name))
    writeFileSync(changed, readFileSync(changed, 'utf8').replace('READ_LUNCH_MENU', 'READ_LUNCH'))
    rmSync(missing)
    const { status, problems } = printSchema(['--check', '--to', folder.path], setting)
    expect(status).toBe(1)
    expect(problems).toEqual([
      expect.stringContaining('schema/schema.graphql differs'),
      expect.stringContaining('schema/schema.fenced.graphql differs'),
    ])
  }, 40_000)

  it('names the setting and the problem of a policy that cannot be used', () => {
    const { status, problems } = printSchema(['--check'], { POLICY_FILE: '/no/such/file' })
    expect(status).toBe(1)
    expect(problems).toEqual([expect.stringMatching(/^POLICY_FILE: .*ENOENT/)])
  }, 40_000)
})
