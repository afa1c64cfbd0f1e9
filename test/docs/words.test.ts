import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './markdown.ts'

/** Files and folders that have none of the words. */
const CLEAN = ['README.md', 'CONTEXT.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs', 'src', 'schema']

/** A list of words that people write in rosters. */
const EXCEPT = 'src/identity/placeholders.ts'

/** Words that make a reader stop: name the request, the record, the viewer or the client instead. */
const WORDS = /\b(whoever|whomever|anew|somebody|nobody)\b/i

function filesIn(path: string): readonly string[] {
  if (path === EXCEPT) return []
  if (!statSync(join(ROOT, path)).isDirectory()) return [path]
  return readdirSync(join(ROOT, path)).flatMap((name) => filesIn(join(path, name)))
}

describe('plain words', () => {
  it.each(CLEAN)('%s names who or what is meant', (path) => {
    const found = filesIn(path).flatMap((file) =>
      readFileSync(join(ROOT, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (WORDS.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
    )
    expect(found).toEqual([])
  })
})
