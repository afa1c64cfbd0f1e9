import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from './markdown.ts'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

it('docs/dependencies.md has the reason for each package that runs in production', () => {
  const { dependencies } = JSON.parse(read('package.json'))
  const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| \S.*\. \|$/gm)].map(
    ([, name]) => name,
  )
  expect(rows.toSorted()).toEqual(Object.keys(dependencies).toSorted())
})
