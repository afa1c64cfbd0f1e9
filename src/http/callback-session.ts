import { type ExecutionResult, GraphQLError } from 'graphql'
import { request } from 'undici'
import type { CallbackTarget } from './callback-targets.ts'
import { stringify, withoutHttp } from './render.ts'

/** The router's terms of a subscription by callback. */
export interface Callback {
  readonly callbackUrl: string
  readonly subscriptionId: string
  /** Sent with each message, so that the router knows that it comes from here. */
  readonly verifier: string
  /** 0 for none. ms */
  readonly heartbeatIntervalMs: number
}

/**
 * What became of a message. GONE: the router has ended the subscription. REFUSED: it does not accept the message. FAILED: it
 * could not be reached, or it failed.
 */
export type Outcome = 'OK' | 'GONE' | 'REFUSED' | 'FAILED'

const MIN_HEARTBEAT_MS = 1_000
const MAX_HEARTBEAT_MS = 3_600_000
const MAX_TEXT = 1_000

/** The terms in the extensions of a request; undefined if there are none. Throws BAD_REQUEST. */
export function readCallback(extensions: unknown): Callback | undefined {
  const given = (extensions as { subscription?: unknown } | null | undefined)?.subscription
  if (given == null) return undefined
  const { callbackUrl, subscriptionId, verifier, heartbeatIntervalMs = 0 } = given as Record<string, unknown>
  const isHeartbeat =
    Number.isInteger(heartbeatIntervalMs) &&
    (heartbeatIntervalMs === 0 ||
      (Number(heartbeatIntervalMs) >= MIN_HEARTBEAT_MS && Number(heartbeatIntervalMs) <= MAX_HEARTBEAT_MS))
  if (!isText(callbackUrl) || !isText(subscriptionId) || !isText(verifier) || !isHeartbeat)
    throw new GraphQLError(
      '`extensions.subscription` must have callbackUrl, subscriptionId and verifier as texts, and heartbeatIntervalMs as 0 or as a whole number from 1000 to 3600000.',
      { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
    )
  return { callbackUrl, subscriptionId, verifier, heartbeatIntervalMs: Number(heartbeatIntervalMs) }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT
}

/** Sends the messages of one subscription to the router. Source of the messages: Apollo's HTTP callback protocol 1.0. */
export class CallbackSession {
  readonly #callback: Callback
  readonly #target: CallbackTarget
  readonly #timeoutMs: number
  readonly #onSent: (action: string, outcome: Outcome) => void

  constructor(
    callback: Callback,
    target: CallbackTarget,
    timeoutMs: number,
    onSent: (action: string, outcome: Outcome) => void,
  ) {
    this.#callback = callback
    this.#target = target
    this.#timeoutMs = timeoutMs
    this.#onSent = onSent
  }

  /** Asks whether the router still wants the subscription. */
  check(): Promise<Outcome> {
    return this.#send('check')
  }

  /** A result of more than `maxBytes` is replaced by an error. */
  next(result: ExecutionResult, maxBytes: number): Promise<Outcome> {
    const body = { ...result, ...(result.errors !== undefined && { errors: result.errors.map(withoutHttp) }) }
    return this.#send('next', `,"payload":${stringify(body, maxBytes).text}`)
  }

  complete(errors: readonly GraphQLError[] = []): Promise<Outcome> {
    return this.#send(
      'complete',
      errors.length === 0 ? '' : `,"errors":${JSON.stringify(errors.map(withoutHttp))}`,
    )
  }

  /** Never rejects. Redirects are not followed. */
  async #send(action: 'check' | 'next' | 'complete', more = ''): Promise<Outcome> {
    const { subscriptionId: id, verifier } = this.#callback
    const message = JSON.stringify({ kind: 'subscription', action, id, verifier })
    const outcome = await this.#post(`${message.slice(0, -1)}${more}}`)
    this.#onSent(action, outcome)
    return outcome
  }

  async #post(body: string): Promise<Outcome> {
    const { url, dispatcher } = this.#target
    const headers = { 'content-type': 'application/json', 'subscription-protocol': 'callback/1.0' }
    try {
      const signal = AbortSignal.timeout(this.#timeoutMs)
      const answer = await request(url, { method: 'POST', headers, body, dispatcher, signal })
      await answer.body.dump()
      return outcomeOf(answer.statusCode)
    } catch {
      return 'FAILED'
    }
  }
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'OK'
  if (status === 404) return 'GONE'
  return status >= 500 ? 'FAILED' : 'REFUSED'
}
