import { constants, type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** A file that cannot be read as a whole. The message says why, without its path. */
export class FileReadError extends Error {
  override readonly name = 'FileReadError'
  readonly reason: 'UNREADABLE' | 'TOO_LARGE' | 'CHANGING'
  constructor(reason: FileReadError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

export interface FileReading {
  readonly bytes: Buffer
  /** Differs as soon as the file is replaced or written to. */
  readonly fingerprint: string
}

const MAX_BYTES = 32_000_000
const MAX_TRIES = 20
/** ms */
const PAUSE_MS = 20

/**
 * The content of a file that did not change while it was read, or that had the same content twice in a row,
 * because some mounts change the inode number at each call. Read up to 20 times, within about half a second.
 */
export async function readStableFile(path: string): Promise<FileReading> {
  let before: Buffer | undefined
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const { isStable, ...reading } = await readOnce(path)
    if (isStable || before?.equals(reading.bytes)) return reading
    before = reading.bytes
    await delay(PAUSE_MS)
  }
  throw new FileReadError(
    'CHANGING',
    'the file changes while it is read: write it once, or replace it by a rename',
  )
}

/** The identity of the file that is at the path now, behind all links; the code of the error if there is none. */
export async function fingerprintOf(path: string): Promise<string> {
  try {
    return describe(await stat(path, { bigint: true }))
  } catch (error) {
    return codeOf(error)
  }
}

async function readOnce(path: string): Promise<FileReading & { readonly isStable: boolean }> {
  try {
    // A pipe would block the open otherwise, until its other end is opened.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const fingerprint = describe(await checkedStat(file))
    const bytes = await readBounded(file)
    const isSame = describe(await checkedStat(file)) === fingerprint
    const isStable = isSame && (await fingerprintOf(path)) === fingerprint
    return { bytes, fingerprint, isStable }
  } catch (error) {
    if (error instanceof FileReadError) throw error
    throw new FileReadError('UNREADABLE', `the file cannot be read (${codeOf(error)})`)
  }
}

async function checkedStat(file: FileHandle) {
  const status = await file.stat({ bigint: true })
  if (!status.isFile())
    throw new FileReadError('UNREADABLE', 'the path is not that of a file but of a folder, pipe or device')
  if (status.size > MAX_BYTES) throw tooLarge()
  return status
}

async function readBounded(file: FileHandle): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of file.createReadStream({ autoClose: false, start: 0 })) {
    size += part.length
    if (size > MAX_BYTES) throw tooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function tooLarge(): FileReadError {
  return new FileReadError('TOO_LARGE', `the file is larger than ${MAX_BYTES / 1_000_000} MB`)
}

interface Status {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

function describe({ dev, ino, size, mtimeNs, ctimeNs }: Status): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
