import { isAsyncIterable } from '@graphql-tools/utils'
import { type ExecutionResult, GraphQLError } from 'graphql'
import type { Clock } from '../clock.ts'
import type { Params, Stream } from '../execution/answer.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { type Callback, CallbackSession, type Outcome } from './callback-session.ts'
import type { CallbackTargets } from './callback-targets.ts'
import type { Incoming } from './incoming.ts'
import { REFUSALS } from './refuse.ts'

export interface CallbacksOptions {
  readonly targets: CallbackTargets
  /** Opens a subscription that ends when `over` is aborted, and not with its request. */
  readonly subscribe: (
    params: Params,
    incoming: Incoming,
    over: AbortSignal,
  ) => Promise<ExecutionResult | Stream>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly maxAnswerBytes: number
  /** The time limit for one message. ms */
  readonly requestTimeout: number
}

/** One subscription whose results are sent to the router. */
interface Open {
  readonly session: CallbackSession
  readonly over: AbortController
  readonly requestId: string
}

/** The number of heartbeats in a row that may fail before the subscription ends. */
const MAX_FAILED_HEARTBEATS = 3
/** A heartbeat is sent after this part of the interval, so that it arrives within the interval. */
const HEARTBEAT_PART = 0.75

/**
 * Subscriptions by Apollo's HTTP callback protocol: the request of the router is answered at once, and the results are sent to a URL
 * of the router. Limits, access, the audit and the end of the token are those of every other subscription.
 */
export class Callbacks {
  readonly #options: CallbacksOptions

  constructor(options: CallbacksOptions) {
    this.#options = options
  }

  /** The answer to the request of the router. Only a proven router is served, because the gateway calls the URL in the request. */
  async open(params: Params, callback: Callback, incoming: Incoming): Promise<ExecutionResult> {
    const { targets, subscribe, requestTimeout, metrics } = this.#options
    if (!incoming.isProvenRouter) return { errors: [notFromRouter()] }
    const target = targets.find(callback.callbackUrl)
    if (target === undefined) return { errors: [notListed()] }
    const over = new AbortController()
    const result = await subscribe(params, incoming, over.signal)
    if (!isAsyncIterable(result)) return result
    const onSent = (action: string, outcome: Outcome) =>
      metrics.callbackMessages.inc({ action, outcome: outcome.toLowerCase() })
    const session = new CallbackSession(callback, target, requestTimeout, onSent)
    if ((await session.check()) !== 'OK' || incoming.exchange.hasHungUp) {
      over.abort()
      return { errors: [notConfirmed()] }
    }
    const open = { session, over, requestId: incoming.exchange.requestId }
    targets.track(this.#sendAll(result as Stream, open))
    if (callback.heartbeatIntervalMs > 0) void this.#beat(callback.heartbeatIntervalMs * HEARTBEAT_PART, open)
    return { data: null }
  }

  /** The next result is computed when the router has taken the last one. A result that it does not take ends the subscription: there is no gap. */
  async #sendAll(stream: Stream, open: Open) {
    const { session, over } = open
    try {
      for await (const result of stream) {
        if (result.data === undefined) return void (await session.complete(result.errors))
        const outcome = await session.next(result, this.#options.maxAnswerBytes)
        if (outcome !== 'OK') return await this.#end(open, outcome)
      }
      if (!over.signal.aborted) await session.complete()
    } catch (error) {
      this.#options.log.error(
        { error, requestId: open.requestId },
        'unexpected error in a subscription by callback',
      )
      await session.complete([
        new GraphQLError(REFUSALS.UNEXPECTED.message, { extensions: { code: REFUSALS.UNEXPECTED.code } }),
      ])
    } finally {
      over.abort()
    }
  }

  async #beat(intervalMs: number, open: Open) {
    const { session, over } = open
    let failed = 0
    try {
      while (failed < MAX_FAILED_HEARTBEATS) {
        await this.#options.clock.sleep(intervalMs, over.signal)
        const outcome = await session.check()
        if (outcome === 'GONE' || outcome === 'REFUSED') return await this.#end(open, outcome)
        failed = outcome === 'OK' ? 0 : failed + 1
      }
      await this.#end(open, 'FAILED')
    } catch {
      // The subscription has ended.
    }
  }

  /** Ends a subscription whose messages the router does not take. It is told, unless it has ended the subscription itself. */
  async #end({ session, over, requestId }: Open, outcome: Outcome) {
    if (over.signal.aborted) return
    over.abort()
    if (outcome === 'GONE') return
    this.#options.log.warn(
      { requestId, reason: outcome },
      'a subscription by callback ends: the router did not take a message',
    )
    await session.complete([notConfirmed()])
  }
}

function notFromRouter(): GraphQLError {
  return refused(
    403,
    'FORBIDDEN',
    'Only the router may ask for a callback. The request must have the secret or a signature of the router.',
  )
}

function notListed(): GraphQLError {
  return refused(
    403,
    'FORBIDDEN',
    'The gateway sends subscriptions to listed URLs only. The operator can add the URL of the router to SUBSCRIPTION_CALLBACK_URLS.',
  )
}

function notConfirmed(): GraphQLError {
  return refused(
    400,
    'CALLBACK_FAILED',
    'The URL for the callback did not accept a message. Check the address of the router.',
  )
}

function refused(status: number, code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } })
}
