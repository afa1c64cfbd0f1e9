import { z } from 'zod'
import { decodeText, EncodingError } from './file-text.ts'
import { FileReadError, readStableFile } from './stable-file.ts'
import { JsonTextError, parseStrictJson } from './strict-json.ts'

/** Why a file is refused, for a metric. */
export const REFUSALS_OF_FILES = [
  'UNREADABLE',
  'TOO_LARGE',
  'CHANGING',
  'EMPTY',
  'ENCODING',
  'NOT_JSON',
  'DUPLICATE_KEY',
  'TEXT_LOST',
  'INVALID',
] as const
export type RefusalOfFile = (typeof REFUSALS_OF_FILES)[number]

/** Describes what is wrong in a file and where, without quoting it. */
export class JsonFileError extends Error {
  override readonly name = 'JsonFileError'
  readonly reason: RefusalOfFile
  readonly problems: readonly string[]
  constructor(reason: RefusalOfFile, problems: readonly string[]) {
    const listed = firstOf(problems)
    super(listed.join('; '))
    this.reason = reason
    this.problems = listed
  }
}

const MAX_PROBLEMS = 20

function firstOf(problems: readonly string[]): readonly string[] {
  const more = problems.length - MAX_PROBLEMS
  return more <= 0 ? problems : [...problems.slice(0, MAX_PROBLEMS), `and ${more} more problems`]
}

/**
 * The one reader of AUTH_FILE, POLICY_FILE, OVERRIDES_FILE and TRUSTED_DOCUMENTS. Throws JsonFileError for a file that cannot be
 * read, that changes during the reading, that is not clear (see `strict-json.ts`), or that does not have this
 * shape.
 */
export async function readJsonFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return parseJsonFile((await readFileOrRefuse(path)).bytes, schema)
}

/** The bytes of a file and its fingerprint. Throws JsonFileError. */
export async function readFileOrRefuse(path: string) {
  try {
    return await readStableFile(path)
  } catch (error) {
    if (error instanceof FileReadError) throw new JsonFileError(error.reason, [error.message])
    throw error
  }
}

/** The value in the bytes of a file. Throws JsonFileError. */
export function parseJsonFile<Schema extends z.ZodType>(bytes: Buffer, schema: Schema): z.infer<Schema> {
  return checkShape(parseJsonBytes(bytes, schema), schema)
}

/** The value, as the schema gives it. Throws JsonFileError. */
export function checkShape<Schema extends z.ZodType>(value: unknown, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const show = pathsOf(schema)
  throw new JsonFileError(
    'INVALID',
    parsed.error.issues.map(({ code, path, message }) => {
      const problem = code === 'unrecognized_keys' ? 'has a field that is not known' : message
      return `${show(path)}: ${problem}`
    }),
  )
}

/** The value in the bytes of a file, of any shape. `schema` names the fields that a problem may name. Throws JsonFileError. */
export function parseJsonBytes(bytes: Buffer, schema: z.ZodType): unknown {
  try {
    const text = decodeText(bytes)
    if (text.trim() === '') throw new JsonFileError('EMPTY', ['the file is empty'])
    return parseStrictJson(text)
  } catch (error) {
    if (error instanceof EncodingError) throw new JsonFileError('ENCODING', [error.message])
    if (!(error instanceof JsonTextError)) throw error
    const { reason, line, column, message } = error
    const what = reason === 'NOT_JSON' ? `the file is not valid JSON: ${message}` : message
    throw new JsonFileError(reason, [
      `${pathsOf(schema)(error.path)}: ${what} (line ${line}, column ${column})`,
    ])
  }
}

/** A key that the shape does not name could be anything: a person's name, where a list was meant. It is shown as `*`. */
function pathsOf(schema: z.ZodType): (path: readonly PropertyKey[]) => string {
  const known = new Set(fieldsIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })))
  return (path) =>
    path
      .map((part) => (typeof part === 'number' || known.has(String(part)) ? String(part) : '*'))
      .join('.') || 'the file'
}

function fieldsIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {} } = schema as { properties?: object }
  return [...Object.keys(properties), ...Object.values(schema).flatMap(fieldsIn)]
}
