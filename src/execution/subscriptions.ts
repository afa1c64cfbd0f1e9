import { setImmediate as nextTurn } from 'node:timers/promises'
import { isAsyncIterable } from '@graphql-tools/utils'
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
import { badInput, publicError, tooManySubscriptions } from '../../schema/errors.ts'
import { given } from '../../schema/given.ts'
import { findDistrict, onlyDistrict } from '../../schema/lists.ts'
import { principalKey } from '../access/principal.ts'
import type { Caller } from '../clever/transport.ts'
import type { Change } from '../directory/change.ts'
import { REFUSALS } from '../http/refuse.ts'
import { stringifyWithId } from '../http/use-event-stream.ts'
import type { Metrics } from '../metrics.ts'
import { changeFor } from '../view/changes.ts'
import { type Asker, type FollowArgs, Request, type Services } from '../view/request.ts'
import { type Answerer, type Stream, type Subscribe, untilKnown } from './answer.ts'
import type { Variables } from './complexity.ts'
import type { Operation } from './operations.ts'

export interface SubscriptionsOptions {
  /** Open at once. */
  readonly most: number
  readonly ending: AbortSignal
  readonly metrics: Metrics
  readonly services: Services
  readonly answerer: Answerer
  readonly maxAnswerBytes: number
  /** ms in which a change is answered, as a request is. */
  readonly requestTimeout: number
  readonly maskError: (error: GraphQLError) => GraphQLError
}

type Told = ExecutionResult & { readonly stringify: (result: object) => string }
type Source = AsyncIterableIterator<Change, undefined>

/** The operation of a subscription, and by how much each node of an answer counts. */
interface Selected {
  readonly args: ExecutionArgs
  readonly weight: number
}

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
export function createSubscribe(options: SubscriptionsOptions): Subscribe {
  const { most, ending, metrics, services, answerer, requestTimeout, maxAnswerBytes } = options
  const { clock } = services
  const { schema } = answerer
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

  async function subscribe(
    operation: Operation,
    variables: Variables,
    asker: Asker,
  ): Promise<Stream | ExecutionResult> {
    const holder = principalKey(asker.principal)
    if (open >= most || (held.get(holder) ?? 0) >= mostEach) return failed([tooManySubscriptions()])
    change(holder, 1)
    try {
      const request = new Request(services, asker)
      const args: ExecutionArgs = {
        schema,
        document: operation.document,
        operationName: operation.definition.name?.value,
        variableValues: variables,
        contextValue: request.newView(),
      }
      const source = selectsNothing(args)
        ? { errors: [badInput('The subscription selects nothing: leave `@skip` and `@include` away.')] }
        : await createSourceEventStream(args)
      if (isAsyncIterable(source))
        return follow(source as Source, { args, weight: operation.nodeWeight }, holder, asker)
      change(holder, -1)
      return failed(source.errors ?? [])
    } catch (error) {
      change(holder, -1)
      throw error
    }
  }

  const failed = (errors: readonly GraphQLError[]): ExecutionResult => ({
    errors: errors.map(options.maskError),
  })

  function follow(source: Source, selected: Selected, holder: string, asker: Asker): Stream {
    const left = new AbortController()
    const stop = AbortSignal.any([left.signal, asker.exchange.over, ending])
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
          const result = await tell(each, selected, asker)
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
    if (asker.expiresAt !== undefined) expire(asker.expiresAt).catch(() => {})
    const following: Stream = {
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
  async function tell(each: Change, { args, weight }: Selected, asker: Asker): Promise<Told | undefined> {
    const deadline = clock.now() + requestTimeout
    const request = new Request(services, { ...asker, ledger: asker.ledger.another(), deadline }, weight)
    // Nothing is decided by what was true for an earlier change.
    const { result: visible } = await untilKnown(request, (view) => changeFor(view, each))
    if (visible === undefined) return undefined
    if (!('kind' in visible)) throw visible.errors?.[0]
    const result = await answerer.run(
      (view) => execute({ ...args, rootValue: each, contextValue: view }) as ExecutionResult,
      {},
      request,
      'THROW',
    )
    metrics.changesTold.inc({ kind: visible.kind.toLowerCase() })
    return { ...result, stringify: stringifyWithId(each.id, maxAnswerBytes) }
  }

  function endedBy(error: unknown): ExecutionResult {
    const original = error instanceof Error ? error : new Error('not an error', { cause: error })
    const located =
      error instanceof GraphQLError
        ? error
        : new GraphQLError('Unexpected error.', { originalError: original })
    const code = publicError(original)?.extensions.code ?? located.extensions.code ?? 'INTERNAL_SERVER_ERROR'
    metrics.subscriptionsDropped.inc({ reason: String(code).toLowerCase() })
    return failed([located])
  }

  return subscribe
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

/** The changes of the district that the arguments name, or of the only one. Throws BAD_USER_INPUT and the errors of the feed. */
export async function followChanges(
  request: Request,
  { districtId, after }: FollowArgs,
  caller: () => Caller,
): Promise<AsyncIterableIterator<Change, undefined>> {
  const named = given(districtId)
  const { result: district } = await untilKnown(request, (view) =>
    named === undefined ? onlyDistrict(view) : findDistrict(view, named),
  )
  if (district === undefined || !('changes' in district))
    throw badInput('There is no such district that you have to do with.')
  return district.changes.follow(given(after) ?? request.asker.lastEventId, caller)
}
