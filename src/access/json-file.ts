import { readFile } from 'node:fs/promises'
import type { z } from 'zod'

/** Says what is wrong with a file and where in it, without quoting it. */
export class JsonFileError extends Error {
  override readonly name = 'JsonFileError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('; '))
    this.problems = problems
  }
}

/** Throws JsonFileError for a file that cannot be read, is no JSON, or is not of this shape. */
export async function readJsonFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const parsed = schema.safeParse(parseJson(await readText(path)))
  if (parsed.success) return parsed.data
  throw new JsonFileError(
    parsed.error.issues.map(({ code, path, message }) => {
      // Its name could be anything: a person's, where a list was meant.
      const problem = code === 'unrecognized_keys' ? 'has a field that is not known' : message
      return `${path.join('.') || 'the file'}: ${problem}`
    }),
  )
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown'
    throw new JsonFileError([`the file cannot be read (${code})`])
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonFileError(['the file is no JSON'])
  }
}
