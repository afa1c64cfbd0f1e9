/** What Clever says of a token's minute in the headers of every answer. */
export interface RateLimit {
  readonly limit: number
  readonly remaining: number
  /** When the window closes, in seconds since the epoch on Clever's clock; names the window. */
  readonly reset: number
  /** Milliseconds until the window has closed for certain, from the moment the answer came. */
  readonly closesIn: number
}

type Header = string | string[] | undefined
export type Headers = Readonly<Record<string, Header>>

const WINDOW = 60_000
/** `reset` and `date` are whole seconds, so their difference is off by up to one. */
const ROUNDING = 1_000

/**
 * Undefined where the headers are missing or unreadable. Several buckets come as comma lists ("200, 1200", as in the
 * test data of Clever's own Python client): the tightest one counts. Clever's clock is read from `date`, so that ours may be wrong.
 */
export function parseRateLimit(headers: Headers, now: number): RateLimit | undefined {
  const limits = numbers(headers['x-ratelimit-limit'])
  const remainings = numbers(headers['x-ratelimit-remaining'])
  const reset = Math.max(...numbers(headers['x-ratelimit-reset']))
  const tightest = remainings.indexOf(Math.min(...remainings))
  const [limit, remaining] = [limits[tightest], remainings[tightest]]
  if (limit === undefined || remaining === undefined || !Number.isFinite(reset)) return undefined

  const date = Date.parse(String(headers.date ?? ''))
  const cleverNow = Number.isNaN(date) ? now : date
  const closesIn = Math.min(Math.max(reset * 1000 - cleverNow, 0), WINDOW) + ROUNDING
  return { limit, remaining, reset, closesIn }
}

function numbers(header: Header): number[] {
  return String(header ?? '')
    .split(',')
    .map((part) => Number.parseInt(part, 10))
    .filter((number) => Number.isFinite(number) && number >= 0)
}
