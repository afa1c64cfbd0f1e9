/** A way in which Clever, or the network in front of it, fails. Fields that are not set change nothing. */
export interface Fault {
  /** A string is the whole path without query, with or without `/v3.x`; a RegExp sees the path and the query. */
  readonly path: string | RegExp
  /** How many calls the fault hits. Default: every call until the fault is removed. */
  readonly times?: number
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly delayMs?: number
  /** Closes the connection. */
  readonly cut?: 'before-headers' | 'mid-body'
  /** Half of the JSON, sent as a complete body. */
  readonly garble?: true
  /** Half of the body. Then nothing more is sent, and the connection stays open. */
  readonly stall?: 'mid-body'
}

export interface Faults {
  /** Returns a function that removes the fault. If several faults match a call, the oldest one hits it. */
  add(fault: Fault): () => void
  clear(): void
}

export interface FaultSource extends Faults {
  /**
   * The fault that hits this call, if any. This uses up one of its calls. `path` has no query, and `query`
   * has no `?`.
   */
  strike(path: string, query: string): Fault | undefined
}

export function createFaults(): FaultSource {
  const armed = new Set<{ readonly fault: Fault; left: number }>()
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY }
      armed.add(entry)
      return () => {
        armed.delete(entry)
      }
    },
    clear: () => armed.clear(),
    strike(path, query) {
      const entry = [...armed].find(({ fault }) => isHit(fault.path, path, query))
      if (!entry) return undefined
      entry.left -= 1
      if (entry.left <= 0) armed.delete(entry)
      return entry.fault
    },
  }
}

function isHit(wanted: string | RegExp, path: string, query: string): boolean {
  if (typeof wanted === 'string') {
    const asked = path.toLowerCase()
    return [asked, asked.replace(/^\/v3\.[01](?=\/)/, '')].includes(wanted.toLowerCase())
  }
  // `search`, unlike `test`, does not remember where a `g` expression stopped in the call before.
  return (query ? `${path}?${query}` : path).search(wanted) >= 0
}
