import { ID_LENGTH } from '../model/ids.ts'

/** Whether an id stands at a place, in lower case as in `parseUserId`. */
export function isIdAt(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + ID_LENGTH; at += 1) if (!isHexDigit(bytes[at] ?? 0)) return false
  return true
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66)
}
