import type { Directory } from './district-store.ts'

/** The bytes that all directories together may take. */
export interface Memory {
  /** A directory that grows when others are full takes their place, the one that was asked longest ago first. */
  keepWithin(growing: Directory): void
  /** Whether so many records could be held at all. */
  mayHold(records: number): boolean
  readonly bytes: number
}

/** A record with its pairs, as counted for an invented district of 126,000 records. */
const USUAL_BYTES = 450

/** `lastAsked`: every directory, the one that was asked longest ago first. */
export function createMemory(mostBytes: number, lastAsked: () => readonly Directory[]): Memory {
  const bytes = () => lastAsked().reduce((sum, directory) => sum + directory.bytes, 0)
  return {
    keepWithin(growing) {
      if (bytes() <= mostBytes) return
      const others = lastAsked().filter((directory) => directory !== growing)
      for (const directory of [...others, growing]) {
        while (bytes() > mostBytes) if (!directory.shrink()) break
      }
    },
    mayHold: (records) => records * USUAL_BYTES <= mostBytes,
    get bytes() {
      return bytes()
    },
  }
}
