import { setTimeout as wait } from 'node:timers/promises'
import type { Latency } from '../../src/sandbox/api/latency.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { type Child, freePort, PROCESSORS, startChild } from './child.ts'
import { type CleverPage, readPage } from './clever-user.ts'

/** A stand-in for Clever as a process of its own. */
export interface BenchClever extends AsyncDisposable {
  readonly url: string
  readonly districtId: string
  /** The districts beside the first. In a sandbox, the first of them is as large, and the others are small. */
  readonly others: readonly DistrictToken[]
  token(): string
  /** Asks Clever itself. It counts as a call. */
  read(path: string): Promise<CleverPage>
  /** Makes something happen to the district. */
  act(action: string, fields?: object): Promise<unknown>
  /** What was called since the last `forget`. Throws when the rate limit had a part in it. */
  calls(): Promise<readonly Call[]>
  forget(): Promise<void>
  /** Until nothing but the events feed has been asked for a while. From `since` to the last call. */
  quiet(since: number): Promise<Cost>
  /**
   * New tokens of the large districts, and with them all of a minute's calls, unless this minute is as good as new; forgets as
   * well. A gateway that runs has the old ones.
   */
  newMinute(): Promise<void>
  /** Waits for the next minute, unless this one has room for so many calls; forgets as well. */
  makeRoom(calls: number): Promise<void>
}

export interface DistrictToken {
  readonly id: string
  readonly token: string
}

export interface Call {
  readonly path: string
  readonly query: string
  readonly status: number
  /** ms since the epoch */
  readonly at: number
}

export interface Cost {
  readonly calls: number
  readonly ms: number
}

export interface DistrictSize {
  readonly students: number
  readonly contacts?: number
}

interface Overview {
  readonly districts: readonly DistrictToken[]
}

interface CallsSeen {
  readonly busiestWindow: number
  readonly calls: readonly Call[]
}

/** To get a process into its stride before it is asked about what it does not know. */
const LARGE = 2
const SMALL = 49
/**
 * MB. Below it, no full garbage collection takes a second of the processor while a server is measured. Without the flag
 * `--external-memory-accounted-in-global-limit`, V8 would run one for each 64 MB of answers.
 */
const HEAP_MB = 3_000
/** In a minute. */
const LIMIT = 1_200
const AS_GOOD_AS_NONE = 100
/** ms. Between two calls a gateway may be busy with 10,000 rows. */
const QUIET = { fewRows: 1_000, manyRows: 4_000 }
const MANY_ROWS = 10_000
const MAX_NOISE_MS = 60_000
const MINUTE = 62_000

/** A sandbox as slow as Clever is, with a second district of this size, and small ones. */
export function startClever(size: DistrictSize): Promise<BenchClever> {
  const quietMs = size.students < MANY_ROWS ? QUIET.fewRows : QUIET.manyRows
  return startSandbox(
    { ...size, latency: 'clever', districts: LARGE + SMALL, largeDistricts: LARGE },
    { limit: LIMIT, quietMs },
  )
}

/** A sandbox that answers at once and never with 429, so that the servers are measured and not Clever. */
export function startFastClever(size: DistrictSize): Promise<BenchClever> {
  const limits = { limit: Number.POSITIVE_INFINITY, quietMs: QUIET.fewRows }
  return startSandbox({ ...size, requestsPerMinute: 1_000_000_000 }, limits)
}

/** `arithmetic-clever.ts`, which answers at once unless a latency is given. `records`: of each district. */
export async function startArithmeticClever(
  records: readonly number[],
  latency: Latency = 'none',
): Promise<BenchClever> {
  const port = await freePort()
  const settings = { PORT: String(port), RECORDS: records.join(), LATENCY: latency }
  const child = await startUpstream('test/bench/arithmetic-clever.ts', port, settings)
  return openClever(child, { limit: LIMIT, quietMs: QUIET.manyRows })
}

async function startSandbox(options: SandboxOptions, limits: Limits): Promise<BenchClever> {
  const port = await freePort()
  const settings = { SANDBOX_OPTIONS: JSON.stringify({ ...options, port }) }
  return openClever(await startUpstream('test/bench/sandbox-process.ts', port, settings), limits)
}

function startUpstream(script: string, port: number, settings: Readonly<Record<string, string>>) {
  const processor = PROCESSORS.clever
  const nodeArgs = [`--initial-old-space-size=${HEAP_MB}`, '--external-memory-accounted-in-global-limit']
  return startChild({ nodeArgs, script, settings, port, isHeard: true, readyPath: '/_sandbox', processor })
}

interface Limits {
  /** The calls that a token may make in a minute. */
  readonly limit: number
  /** How long no call must come. */
  readonly quietMs: number
}

async function openClever(child: Child, { limit, quietMs }: Limits): Promise<BenchClever> {
  const { url } = child
  let spent = 0

  async function control<Answer>(method: string, path: string, fields?: object): Promise<Answer> {
    const body = fields === undefined ? null : JSON.stringify(fields)
    const response = await fetch(`${url}/_sandbox${path}`, { method, body })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Answer
  }
  async function calls(): Promise<readonly Call[]> {
    const seen = await control<CallsSeen>('GET', '/calls')
    spent = Math.max(spent, seen.busiestWindow)
    if (seen.calls.some(({ status }) => status === 429)) throw new Error('Clever answered 429')
    // Who counts for himself waits at the limit without a 429.
    if (seen.busiestWindow >= limit) throw new Error('the minute was used up')
    return seen.calls
  }
  async function forget() {
    await calls()
    await control('DELETE', '/calls')
  }

  const overview = await control<Overview>('GET', '')
  const [district, ...others] = overview.districts
  if (district === undefined) throw new Error('the sandbox has no district')
  const { id } = district
  let { token } = district
  const rotate = async (district: string) =>
    (await control<{ token: string }>('POST', `/districts/${district}/rotate-token`)).token
  const pathOf = (action: string) => `/districts/${id}/${action}`

  return {
    url,
    districtId: id,
    others,
    token: () => token,
    read: (path) => readPage(url, token, path),
    act: (action, fields = {}) => control('POST', pathOf(action), fields),
    calls,
    forget,
    async quiet(since) {
      const startedAt = performance.now()
      let lastAt = startedAt
      let heard = 0
      for (;;) {
        const now = performance.now()
        const noise = (await calls()).filter((call) => !isEvents(call))
        if (noise.length > heard || noise.some(({ status }) => status === 0)) lastAt = now
        heard = noise.length
        if (now - lastAt >= quietMs) return { calls: heard, ms: heard === 0 ? 0 : lastAt - since }
        if (now - startedAt > MAX_NOISE_MS) throw new Error('the calls to Clever do not end')
        await wait(50)
      }
    },
    async newMinute() {
      await forget()
      if (spent <= AS_GOOD_AS_NONE || limit === Number.POSITIVE_INFINITY) return
      token = await rotate(id)
      const [twin] = others
      if (twin !== undefined) others[0] = { id: twin.id, token: await rotate(twin.id) }
      spent = 0
    },
    async makeRoom(wanted) {
      await forget()
      if (spent + wanted < limit) return
      await wait(MINUTE)
      spent = 0
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}

export function isUsers({ path }: Call): boolean {
  return path.endsWith('/users')
}

export function isEvents({ path }: Call): boolean {
  return path.endsWith('/events')
}
