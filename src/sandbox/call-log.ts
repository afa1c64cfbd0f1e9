/** One call that Clever received. */
export interface Call {
  readonly method: string
  readonly path: string
  /** Without the question mark; empty when there was none. */
  readonly query: string
  /** Undefined when the call had no valid token. */
  readonly districtId: string | undefined
  /** 0 until the call is answered. It stays 0 if a fault closed the connection before the headers. */
  readonly status: number
  /** The header `x-request-id`; absent without one. */
  readonly requestId?: string
  /** Ms since 1970, by the sandbox's clock. */
  readonly at: number
}

/** The calls that Clever received, including refused ones. */
export interface CallLog {
  all(): readonly Call[]
  /** How many calls have a path that starts with `path`, or that matches it; without `path`, all of them. */
  count(path?: string | RegExp): number
  /** The most calls that were under way at one time. */
  highestConcurrency(): number
  /** The most calls that any token, or any of one district, made within one rate-limit window; 429s count. */
  busiestWindow(districtId?: string): number
  reset(): void
}

export interface ArrivedCall {
  answered(status: number): void
  left(): void
}

export interface CallRecorder extends CallLog {
  /** `inWindow`: the number of this call among the calls of its token in the current rate-limit window. */
  arrived(call: Omit<Call, 'status'>, inWindow: number): ArrivedCall
}

export function createCallLog(): CallRecorder {
  let calls: Call[] = []
  let underWay = 0
  let highest = 0
  const busiest = new Map<string | undefined, number>()
  return {
    all: () => calls.slice(),
    count: (path = '') => calls.filter((call) => isOn(call, path)).length,
    highestConcurrency: () => highest,
    busiestWindow: (districtId) =>
      Math.max(0, ...(districtId === undefined ? busiest.values() : [busiest.get(districtId) ?? 0])),
    reset() {
      calls = []
      highest = underWay
      busiest.clear()
    },
    arrived(call, inWindow) {
      const entry = { ...call, status: 0 }
      calls.push(entry)
      underWay += 1
      highest = Math.max(highest, underWay)
      busiest.set(call.districtId, Math.max(inWindow, busiest.get(call.districtId) ?? 0))
      return {
        answered(status) {
          entry.status = status
        },
        left() {
          underWay -= 1
        },
      }
    },
  }
}

function isOn({ path }: Call, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? path.startsWith(wanted) : path.search(wanted) >= 0
}
