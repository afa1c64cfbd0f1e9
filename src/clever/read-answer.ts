import {
  CleverAnswerInvalid,
  CleverPathRefused,
  CleverTokenRefused,
  CleverUnavailable,
} from '../model/clever-errors.ts'
import { type Body, joined } from './body.ts'
import type { Headers } from './rate-limit-headers.ts'

/** 429: the call counts against the window, and the rate limiter decides whether to wait or to refuse. */
export const RATE_LIMIT_EXCEEDED: unique symbol = Symbol('spent')

/**
 * Clever, or a proxy or balancer in front of it, could not answer: every 5xx, every 3xx (a redirect is never followed,
 * as the token would go there), every 2xx without a body to read, and these.
 */
const OUTAGES = new Set([407, 408, 425])
const PATH_REFUSALS = new Set([403, 451])

/** Reads the body of a 200. Throws CleverUnavailable for one that is not JSON. */
export type ReadBody<Value> = (body: Body) => Value | Promise<Value>

/** Whether an answer with this head has a body to read. */
export function hasJson(statusCode: number, headers: Headers): boolean {
  return statusCode === 200 && isJson(headers['content-type'])
}

/**
 * What an answer without a body to read means: undefined for 404, RATE_LIMIT_EXCEEDED for 429. Throws CleverUnavailable for an
 * outage, a 200 that is not JSON included; CleverTokenRefused for 401; CleverPathRefused for 403 and 451; CleverAnswerInvalid for
 * any other status, such as 400, 410, 413 and 422, because a retry would get the same answer.
 */
export function meaningOf(statusCode: number): undefined | typeof RATE_LIMIT_EXCEEDED {
  if (statusCode === 200) throw new CleverUnavailable('status 200, not JSON')
  if (statusCode === 404) return undefined
  if (statusCode === 429) return RATE_LIMIT_EXCEEDED
  const status = `status ${statusCode}`
  if (statusCode === 401) throw new CleverTokenRefused(status, statusCode)
  if (PATH_REFUSALS.has(statusCode)) throw new CleverPathRefused(status, statusCode)
  if (statusCode < 400 || statusCode >= 500 || OUTAGES.has(statusCode)) throw new CleverUnavailable(status)
  throw new CleverAnswerInvalid(`unexpected ${status}`)
}

/** An answer without a type is judged by its body alone. */
function isJson(type: Headers[string]): boolean {
  return type === undefined || /[/+]json\b/i.test(String(type))
}

const UTF8 = new TextDecoder()

/** Frees the body. */
export const readJson: ReadBody<unknown> = (body) => {
  const whole = joined(body)
  const text = UTF8.decode(whole)
  whole.transfer(0)
  return parseJson(text)
}

/** Throws CleverUnavailable. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, which may hold personal data.
    throw new CleverUnavailable('status 200, malformed JSON')
  }
}
