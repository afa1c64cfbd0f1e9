import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { schema } from '../../schema/schema.ts'
import { createMetrics } from '../../src/metrics.ts'
import { SETTINGS } from '../../src/settings.ts'
import { anchorsOf, codeOf, ROOT, readPages } from './markdown.ts'

const pages = readPages()
const page = (path: string) => pages.find((each) => each.path === path) ?? expect.unreachable(path)
const docs = pages.filter(({ path }) => path.startsWith('docs/'))

describe('README.md', () => {
  it('has at most 250 lines', () => expect(page('README.md').text.split('\n').length).toBeLessThan(252))

  it.each(docs.map(({ path }) => path))('links to %s', (path) =>
    expect(page('README.md').prose).toContain(`](${path})`),
  )

  it('says near the top that the gateway has never been run against Clever itself', () =>
    expect(page('README.md').text.slice(0, 600)).toContain('never been run against Clever itself'))
})

describe.each(pages.map((each) => [each.path, each] as const))('%s', (path, { prose, text }) => {
  if (path.startsWith('docs/'))
    it('begins with the question that it answers', () =>
      expect(text).toMatch(/^# .+\n\nThis page answers: .+/))

  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  it('has links to pages, files and headings that exist', () => {
    const broken = links.filter((target) => {
      if (/^https?:/.test(target)) return false
      const [file = '', anchor] = target.split('#')
      const to = file === '' ? path : normalize(join(dirname(path), file))
      if (!existsSync(join(ROOT, to))) return true
      return anchor !== undefined && !anchorsOf(page(to)).has(anchor)
    })
    expect(broken).toEqual([])
  })

  it('names files that exist', () => {
    const files = codeOf({ prose }).filter((code) =>
      /^(src|schema|operations|docs|test|\.ci)\/\S*$/.test(code),
    )
    expect(files.filter((file) => !existsSync(join(ROOT, file.replace(/[^/]*\*.*$/, ''))))).toEqual([])
  })
})

describe('names in the docs', () => {
  const types = Object.values(schema.getTypeMap())
  const errors = [...page('docs/errors.md').prose.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code)
  const constants = new Set<unknown>([
    ...SETTINGS.map(({ name }) => name),
    ...errors,
    ...types.flatMap((type) => (isEnumType(type) ? type.getValues().map(({ name }) => name) : [])),
    // A variable of OpenTelemetry, and reasons in the log.
    ...[
      'OTEL_TRACES_SAMPLER_ARG',
      'EVENT_LOOP_BLOCKED',
      'NOT_JSON',
      'INVALID',
      'UNREADABLE',
      'EACCES',
      'ENOENT',
    ],
    // Values of the policy and of overrides.
    ...readFileSync(join(ROOT, 'schema/policy.schema.json'), 'utf8')
      .matchAll(/"([A-Z_]+)"/g)
      .map(([, name]) => name),
    ...[
      'GRANT',
      'DENY',
      'CI',
      'CHROMIUM_PATH',
      'ENOSPC',
      'EISDIR',
      'TIMEOUT',
      'EBADENGINE',
      'DIRECTORY_',
      'NODE_ENV',
      'MALLOC_MMAP_THRESHOLD_',
      'MALLOC_TRIM_THRESHOLD_',
    ],
  ])

  it.each(docs.map((each) => [each.path, each] as const))(
    '%s: settings, codes and enum values exist',
    (_path, each) => {
      const named = codeOf(each).filter((code) => /^[A-Z][A-Z_]{2,}$/.test(code))
      expect(named.filter((name) => !constants.has(name))).toEqual([])
    },
  )

  it.each(docs.map((each) => [each.path, each] as const))('%s: fields of types exist', (_path, each) => {
    const fields = codeOf(each).filter(
      (code) => /^[A-Z][A-Za-z]+\.[a-z][A-Za-z]+$/.test(code) && !code.endsWith('.md'),
    )
    const missing = fields.filter((code) => {
      const [typeName = '', field = ''] = code.split('.')
      const type = schema.getType(typeName)
      const hasFields = isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
      // Query.node is named because it is not there.
      return code !== 'Query.node' && !(hasFields && field in type.getFields())
    })
    expect(missing).toEqual([])
  })

  it('docs/operations.md has each metric once', () => {
    const rows = [...page('docs/operations.md').prose.matchAll(/^\| `([a-z]+(?:_[a-z]+)+)` \|/gm)].map(
      ([, name]) => name,
    )
    const metrics = createMetrics()
      .registry.getMetricsAsArray()
      .map(({ name }) => name)
    expect(rows.toSorted()).toEqual(metrics.toSorted())
  })
})
