import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql'
import { publicError } from '../../schema/errors.ts'
import { REFUSALS } from '../http/refuse.ts'
import { stringifyWithId } from '../http/use-event-stream.ts'
import type { Metrics } from '../metrics.ts'
import type { Change } from '../model/change.ts'
import { changeFor } from '../view/changes.ts'
import { Request, type RequestContext, type SelectionTraits, type Services } from '../view/request.ts'
import { type Answerer, type Stream, untilKnown } from './answer.ts'

export interface SubscriptionStreamOptions {
  readonly ending: AbortSignal
  readonly metrics: Metrics
  readonly services: Services
  readonly answerer: Answerer
  readonly maxAnswerBytes: number
  /** The time limit for one change, which is that of a request. ms */
  readonly requestTimeout: number
  readonly maskError: (error: GraphQLError) => GraphQLError
}

/** One open subscription. */
export interface Subscription {
  readonly source: AsyncIterableIterator<Change, undefined>
  /** The operation. */
  readonly args: ExecutionArgs
  readonly traits: SelectionTraits
  readonly context: RequestContext
  /** Called once. */
  readonly onClose: () => void
}

type Told = ExecutionResult & { readonly stringify: (result: object) => string }

/** The maximum delay of a timer, 24 days. ms */
const DAY_MS = 86_400_000
/** The number of changes after which other work may run, because a viewer may not see most changes. */
const AT_A_TIME = 16

/**
 * Executes a subscription as one query for each change, with a new context. Each result is written to the
 * audit before it is sent. A change that the principal may not see sends nothing. The next change is executed
 * when the client has taken the last one.
 */
export class SubscriptionStream implements Stream {
  readonly #options: SubscriptionStreamOptions
  readonly #subscription: Subscription
  readonly #left = new AbortController()
  /** Aborted when the client leaves or the process ends. */
  readonly #stop: AbortSignal
  readonly #results: AsyncGenerator<ExecutionResult, undefined>
  /** Whether the token has expired or was revoked. */
  #isRefused = false
  #isClosed = false

  constructor(options: SubscriptionStreamOptions, subscription: Subscription) {
    const { context } = subscription
    this.#options = options
    this.#subscription = subscription
    this.#stop = AbortSignal.any([this.#left.signal, context.exchange.over, options.ending])
    this.#results = this.#execute()
    this.#stop.addEventListener('abort', () => this.#close())
    if (this.#stop.aborted) this.#close()
    if (context.expiresAt !== undefined) this.#expire(context.expiresAt).catch(() => {})
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return this.#results.next()
  }

  return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#close()
    return this.#results.return(undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Also closes a stream that its client has not begun to read. */
  #close() {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#subscription.onClose()
    this.#left.abort()
    void this.#subscription.source.return?.()
  }

  async #expire(expiresAt: number) {
    const { clock } = this.#options.services
    for (let rest = expiresAt - clock.now(); rest > 0; rest = expiresAt - clock.now())
      await clock.sleep(Math.min(rest, DAY_MS), this.#stop)
    this.#isRefused = true
    void this.#subscription.source.return?.()
  }

  async *#execute(): AsyncGenerator<ExecutionResult, undefined> {
    try {
      let seen = 0
      for await (const each of this.#subscription.source) {
        if (this.#subscription.context.isRevoked?.()) {
          this.#isRefused = true
          break
        }
        seen += 1
        if (seen % AT_A_TIME === 0) await nextTurn()
        const result = await this.#tell(each)
        if (result !== undefined) yield result
      }
      if (this.#isRefused)
        throw new GraphQLError(REFUSALS.INVALID.message, { extensions: { code: 'UNAUTHENTICATED' } })
    } catch (error) {
      // Work that was canceled with the subscription is not a failure.
      if (!this.#stop.aborted) yield this.#endedBy(error)
    } finally {
      this.#close()
    }
    return undefined
  }

  /**
   * Undefined for a change in which this viewer sees nothing. Throws if the change cannot be answered: then there is a
   * gap.
   */
  async #tell(each: Change): Promise<Told | undefined> {
    const { services, answerer, requestTimeout, metrics, maxAnswerBytes } = this.#options
    const { args, traits, context } = this.#subscription
    const deadline = services.clock.now() + requestTimeout
    const request = new Request(
      services,
      { ...context, allowance: context.allowance.forNextChange(), deadline },
      traits,
    )
    // Each change is decided by current data, not by the data of an earlier change.
    const { result: visible } = await untilKnown(request, (view) => changeFor(view, each))
    if (visible === undefined) return undefined
    if (!('kind' in visible)) throw visible.errors?.[0]
    const result = await answerer.run(
      (view) => execute({ ...args, rootValue: each, contextValue: view }) as ExecutionResult,
      {},
      request,
      'THROW',
    )
    metrics.changesDelivered.inc({ kind: visible.kind.toLowerCase() })
    return { ...result, stringify: stringifyWithId(each.id, maxAnswerBytes) }
  }

  #endedBy(error: unknown): ExecutionResult {
    const original = error instanceof Error ? error : new Error('not an error', { cause: error })
    const located =
      error instanceof GraphQLError
        ? error
        : new GraphQLError('Unexpected error.', { originalError: original })
    const code = publicError(original)?.extensions.code ?? located.extensions.code ?? 'INTERNAL_SERVER_ERROR'
    this.#options.metrics.subscriptionsDropped.inc({ reason: String(code).toLowerCase() })
    const masked = this.#options.maskError(located)
    this.#subscription.context.summary.addErrors([masked])
    return { errors: [masked] }
  }
}
