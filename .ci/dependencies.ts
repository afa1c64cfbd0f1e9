/**
 * Checks the production dependencies: known vulnerabilities, and licenses. Writes the software bill of materials (CycloneDX) to
 * the file that is named, by default sbom.cdx.json. Ends with 1 for a vulnerability or a license that is not listed.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** They allow use in closed products, and ask for no more than their own text. */
const LICENSES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
])

interface Component {
  readonly name: string
  readonly version: string
  readonly licenses?: readonly { readonly license?: { readonly id?: string }; readonly expression?: string }[]
}

const [, , target = 'sbom.cdx.json'] = process.argv

/** `npm sbom --omit=dev` leaves out packages that development needs too, so the list is made without development. */
function productionSbom(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sbom-'))
  try {
    const { devDependencies: _dev, ...rest } = JSON.parse(readFileSync('package.json', 'utf8'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify(rest))
    copyFileSync('package-lock.json', join(folder, 'package-lock.json'))
    const npm = (...args: string[]) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8' })
    npm('install', '--package-lock-only', '--offline', '--ignore-scripts', '--no-audit', '--no-fund')
    return npm('sbom', '--package-lock-only', '--sbom-format=cyclonedx')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function licensesOf({ licenses = [] }: Component): readonly string[] {
  return licenses.map(({ license, expression }) => license?.id ?? expression ?? 'unknown')
}

/** Undefined if the registry gives no answer, as in a network without access to it. */
function vulnerabilities(): number | undefined {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' })
  const { metadata } = JSON.parse(stdout || '{}')
  return metadata?.vulnerabilities?.total
}

const sbom = productionSbom()
writeFileSync(target, sbom)
const { components } = JSON.parse(sbom) as { readonly components: readonly Component[] }
const refused = components.filter((component) => {
  const licenses = licensesOf(component)
  return licenses.length === 0 || !licenses.every((license) => LICENSES.has(license))
})
for (const component of refused)
  process.stderr.write(
    `${component.name} ${component.version}: license ${licensesOf(component).join() || 'unknown'}\n`,
  )

const known = vulnerabilities()
if (known === undefined)
  process.stderr.write('npm audit: the registry gave no answer, so vulnerabilities are not checked\n')
process.stdout.write(
  `${components.length} packages in ${target}, ${refused.length} with a license that is not listed, ${known ?? '?'} vulnerabilities\n`,
)
process.exitCode = refused.length > 0 || (known ?? 0) > 0 ? 1 : 0
