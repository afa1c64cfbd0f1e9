import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PAGE, withFiles } from './support/docs-page.ts'

describe('docs/recipes.md', () => {
  const page = readFileSync(PAGE, 'utf8')

  it('has the files of the recipes as they are run (`npm run docs` writes them)', () =>
    expect(page).toBe(withFiles(page)))

  it('has no other code', () => {
    const blocks = [...page.matchAll(/^```(.+)$/gm)].map(([, words]) => words)
    expect(blocks.length).toBeGreaterThan(9)
    for (const words of blocks) expect(words).toMatch(/^\w+ from=examples\/recipes\/\S+$/)
  })
})
