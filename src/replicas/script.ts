import { createHash } from 'node:crypto'

/** A Lua script that Redis runs as one step. */
export interface Script {
  readonly text: string
  /** The name under which Redis keeps the script. */
  readonly sha: string
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
