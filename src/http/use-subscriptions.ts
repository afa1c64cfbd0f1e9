import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  getOperationAST,
  type SelectionNode,
  valueFromASTUntyped,
} from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { badInput, publicError, tooManySubscriptions } from '../../schema/errors.ts'
import { principalKey } from '../access/principal.ts'
import type { Clock } from '../clock.ts'
import type { GatewayContext } from '../context.ts'
import type { Change } from '../directory/change.ts'
import type { Metrics } from '../metrics.ts'
import type { IncomingContext } from './listener.ts'
import { REFUSALS } from './refuse.ts'
import type { WriteDown } from './use-audit.ts'
import { stringifyWithId } from './use-event-stream.ts'
import { withExtensions } from './use-extensions.ts'

export interface SubscriptionsOptions {
  /** Open at once. */
  readonly most: number
  readonly ending: AbortSignal
  readonly clock: Clock
  readonly metrics: Metrics
  /** As for another request of the same principal: nothing is decided by what was true for an earlier change. */
  readonly renewed: (incoming: IncomingContext['incoming']) => GatewayContext
  readonly writeDown: WriteDown
}

type Context = GatewayContext & IncomingContext
type Results = AsyncIterableIterator<ExecutionResult, undefined>
type Source = AsyncIterableIterator<Change, undefined>
type Told = ExecutionResult & { readonly stringify: (result: unknown) => string }

/** Of all that may be open, what one principal may hold: others are to have their place. */
const SHARE = 0.1
/** Timers hold no more than 24 days. ms */
const DAY = 86_400_000
/** Where many changes are hidden from many viewers, others shall have their turn. */
const AT_A_TIME = 16

/**
 * A subscription is executed for each change as a query would be: with a context of its own, and written down before it
 * is told. Of what its principal may not see nothing is told. Whoever reads slowly is waited for, as nothing is executed
 * ahead.
 */
export function useSubscriptions(options: SubscriptionsOptions): Plugin<Context> {
  const { most, ending, clock, metrics, renewed, writeDown } = options
  const mostEach = Math.max(Math.floor(most * SHARE), 1)
  const held = new Map<string, number>()
  let open = 0

  function change(holder: string, by: 1 | -1) {
    open += by
    const rest = (held.get(holder) ?? 0) + by
    if (rest === 0) held.delete(holder)
    else held.set(holder, rest)
    metrics.subscriptions.set(open)
  }

  async function subscribe(args: ExecutionArgs): Promise<Results | ExecutionResult> {
    const holder = principalKey((args.contextValue as Context).principal)
    if (open >= most || (held.get(holder) ?? 0) >= mostEach) return { errors: [tooManySubscriptions()] }
    change(holder, 1)
    try {
      const source = selectsNothing(args)
        ? { errors: [badInput('The subscription selects nothing: leave `@skip` and `@include` away.')] }
        : await createSourceEventStream(args)
      if (isAsyncIterable(source)) return follow(source as Source, args, holder)
      change(holder, -1)
      return source
    } catch (error) {
      change(holder, -1)
      throw error
    }
  }

  function follow(source: Source, args: ExecutionArgs, holder: string): Results {
    const { incoming } = args.contextValue as Context
    const left = new AbortController()
    const stop = AbortSignal.any([left.signal, incoming.over, ending])
    let isExpired = false
    let isClosed = false

    /** Also of an answer that nobody has begun to read. */
    function close() {
      if (isClosed) return
      isClosed = true
      change(holder, -1)
      left.abort()
      void source.return?.()
    }

    async function expire(expiresAt: number) {
      for (let rest = expiresAt - clock.now(); rest > 0; rest = expiresAt - clock.now())
        await clock.sleep(Math.min(rest, DAY), stop)
      isExpired = true
      void source.return?.()
    }

    async function* results(): AsyncGenerator<ExecutionResult, undefined> {
      try {
        let seen = 0
        for await (const each of source) {
          seen += 1
          if (seen % AT_A_TIME === 0) await nextTurn()
          const result = await tell(each, args)
          if (result !== undefined) yield result
        }
        if (isExpired)
          throw new GraphQLError(REFUSALS.INVALID.message, { extensions: { code: 'UNAUTHENTICATED' } })
      } catch (error) {
        // What was given up with the subscription is no failure.
        if (!stop.aborted) yield endedBy(error)
      } finally {
        close()
      }
      return undefined
    }

    const told = results()
    stop.addEventListener('abort', close)
    if (stop.aborted) close()
    if (incoming.expiresAt !== undefined) expire(incoming.expiresAt).catch(() => {})
    const following: Results = {
      next: () => told.next(),
      return() {
        close()
        return told.return(undefined)
      },
      [Symbol.asyncIterator]: () => following,
    }
    return following
  }

  /** Undefined where there is nothing in it for this viewer. Throws where he cannot be told: then there is a gap. */
  async function tell(each: Change, args: ExecutionArgs): Promise<Told | undefined> {
    const given = args.contextValue as Context
    const context = renewed(given.incoming)
    const visible = await context.reader.change(each)
    if (visible === undefined) return undefined
    const contextValue: Context = { ...given, ...context }
    const result = await execute({ ...args, rootValue: each, contextValue })
    const withheld = await writeDown(context)
    if (withheld !== undefined) throw withheld
    metrics.changesTold.inc({ kind: visible.kind.toLowerCase() })
    return { ...withExtensions(result, context, clock), stringify: stringifyWithId(each.id) }
  }

  function endedBy(error: unknown): ExecutionResult {
    const original = error instanceof Error ? error : new Error('not an error', { cause: error })
    const located =
      error instanceof GraphQLError
        ? error
        : new GraphQLError('Unexpected error.', { originalError: original })
    const code = publicError(original)?.extensions.code ?? located.extensions.code ?? 'INTERNAL_SERVER_ERROR'
    metrics.subscriptionsDropped.inc({ reason: String(code).toLowerCase() })
    return { errors: [located] }
  }

  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(subscribe)
    },
  }
}

/** Which graphql-js does not expect: it has one field by validation, and may lose it to a directive. */
function selectsNothing({ document, operationName, variableValues }: ExecutionArgs): boolean {
  const operation = getOperationAST(document, operationName)
  const isLeft = ({ directives = [] }: SelectionNode) =>
    directives.every(({ name, arguments: given = [] }) => {
      const value = given[0] && valueFromASTUntyped(given[0].value, variableValues)
      return name.value === 'skip' ? value !== true : name.value !== 'include' || value !== false
    })
  return !operation?.selectionSet.selections.some(isLeft)
}
