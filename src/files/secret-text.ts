import { readFileSync, statSync } from 'node:fs'
import { decodeText, EncodingError } from './file-text.ts'

/** A file with a secret cannot be used. The message says why, and quotes nothing. */
export class SecretFileError extends Error {
  override readonly name = 'SecretFileError'
  readonly isEmpty: boolean
  constructor(message: string, isEmpty = false) {
    super(message)
    this.isEmpty = isEmpty
  }
}

const MAX_BYTES = 1_000_000

/** The text of a file that holds one secret, without white space around it. Throws SecretFileError. */
export function readSecretText(path: string): string {
  try {
    const stats = statSync(path)
    if (!stats.isFile()) throw new SecretFileError('is not a file')
    if (stats.size > MAX_BYTES) throw new SecretFileError('is larger than 1 MB')
    const text = decodeText(readFileSync(path)).trim()
    if (text === '') throw new SecretFileError('is empty', true)
    return text
  } catch (error) {
    if (error instanceof SecretFileError) throw error
    if (error instanceof EncodingError) throw new SecretFileError('is not text in UTF-8')
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new SecretFileError(`cannot be read (${code})`)
  }
}
