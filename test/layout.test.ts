import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const filesIn = (folder: string) => globSync(`${folder}/**/*.ts`, { cwd: ROOT })
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** The files of the project that a file imports for more than their types. */
function importsOf(file: string): readonly string[] {
  const statements = textOf(file).matchAll(/^(?:import|export)\b[^'"]*?['"](\.[^'"]+\.ts)['"]/gms)
  return [...statements]
    .filter(([statement]) => !isTypeOnly(statement))
    .map(([, path]) => resolve(file, path))
}

/** A statement that imports types alone, so that nothing of it is left at run time. */
function isTypeOnly(statement: string): boolean {
  if (/^(?:import|export) type\b/.test(statement)) return true
  const [, names] = /\{([^}]*)\}/s.exec(statement) ?? []
  const each = names?.split(',').filter((name) => name.trim() !== '')
  return each !== undefined && each.length > 0 && each.every((name) => /^\s*type\s/.test(name))
}

function resolve(file: string, path = ''): string {
  return relative(ROOT, join(ROOT, dirname(file), path))
}

/** Each file that is reached from the given ones, with the file that imports it. */
function reachedFrom(files: readonly string[]): ReadonlyMap<string, string> {
  const reached = new Map(files.map((file) => [file, file]))
  for (const [file] of reached)
    for (const imported of importsOf(file)) if (!reached.has(imported)) reached.set(imported, file)
  return reached
}

describe('the layout', () => {
  it('keeps the schema from reaching Clever, fetching and HTTP, also through other files', () => {
    const reached = [...reachedFrom(filesIn('schema'))]
    expect(reached.length).toBeGreaterThan(100)
    expect(reached.filter(([file]) => /^src\/(clever|fetch|sync|execution|http)\//.test(file))).toEqual([])
  })

  it.each(['src/store', 'src/access'])('lets %s create no promise', (folder) => {
    const waiting = filesIn(folder).filter((file) => {
      const text = textOf(file).replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '')
      return /\bawait\b|\basync\b|new Promise\b|Promise\.\w|\.then\(/.test(text)
    })
    expect(waiting).toEqual([])
  })

  it('lets only main.ts import the sandbox', () => {
    const outside = ['src', 'schema'].flatMap(filesIn).filter((file) => !file.startsWith('src/sandbox/'))
    const importing = outside.filter((file) => /['"][./]*\/sandbox\//.test(textOf(file)))
    expect(importing).toEqual(['src/main.ts'])
  })
})
