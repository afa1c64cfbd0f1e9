import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql'
import { queryTooLarge } from '../../schema/errors.ts'
import { createIsoTime } from '../iso-time.ts'
import type { RequestSummary } from '../model/request-summary.ts'
import type { RequestContext, Services } from '../view/request.ts'
import { Request } from '../view/request.ts'
import { QueryTooLarge } from '../view/too-large.ts'
import type { View } from '../view/view.ts'
import { channels, operationContext, publishPromise } from './channels.ts'
import type { Run } from './compiled.ts'
import type { Variables } from './complexity.ts'
import { isIntrospection, type SchemaFields } from './introspection.ts'
import type { Operation, Operations } from './operations.ts'
import type { Quotas } from './quotas.ts'
import { turns } from './turns.ts'

/** The parameters of a GraphQL request. */
export interface Params {
  readonly query?: string | null | undefined
  readonly operationName?: string | null | undefined
  readonly variables?: Variables | null | undefined
}

/**
 * Writes the disclosures of an answer to the audit before it is sent. Resolves to an error if that error must
 * be sent instead.
 */
export type WriteAudit = (view: View) => GraphQLError | undefined | Promise<GraphQLError | undefined>

export interface AnswerOptions {
  readonly services: Services
  readonly operations: Operations
  readonly writeAudit: WriteAudit
  readonly quotas: Pick<Quotas, 'admit' | 'charge'>
  readonly maskError: (error: GraphQLError) => GraphQLError
  /** The error for a client that may read only the schema. */
  readonly refusalOf: (context: RequestContext) => GraphQLError | undefined
  /** Root fields that such a client may read. */
  readonly schemaFields: SchemaFields
}

export type Stream = AsyncIterableIterator<ExecutionResult, undefined>
export type Subscribe = (
  operation: Operation,
  variables: Variables,
  context: RequestContext,
) => Promise<Stream | ExecutionResult>

/** The maximum number of rounds. Each level of a query needs two or three, so more are a fault of ours. */
const MAX_ROUNDS = 100

/** Answers every GraphQL request, from Yoga or not. Never throws an error of the query. */
export class Answerer {
  readonly #options: AnswerOptions
  /** Set once, because a subscription answers each change as a request of its own. */
  subscribe: Subscribe = () => {
    throw new Error('no subscriptions')
  }

  constructor(options: AnswerOptions) {
    this.#options = options
  }

  get schema(): GraphQLSchema {
    return this.#options.operations.schema
  }

  /** Whether the request asks for a stream of events. False for a document that is not valid. */
  isSubscription({ query, operationName }: Params): boolean {
    const operation = this.#options.operations.prepare(query ?? '', operationName)
    return 'definition' in operation && operation.definition.operation === 'subscription'
  }

  async answer(
    { query, operationName, variables }: Params,
    context: RequestContext,
  ): Promise<ExecutionResult | Stream> {
    const { operations } = this.#options
    const operation = operations.prepare(query ?? '', operationName)
    const { summary } = context
    if ('errors' in operation) return this.#masked({ errors: [...operation.errors] }, summary)
    summary.operation = operation.summary
    const unsigned = this.#options.refusalOf(context)
    if (unsigned !== undefined && !isIntrospection(operation.document, this.#options.schemaFields))
      return this.#masked({ errors: [unsigned] }, summary)
    const given = variables ?? NO_VARIABLES
    const { refusal, points } = operation.complexity.measure(given)
    if (refusal !== undefined) return this.#masked({ errors: [refusal] }, summary)
    const spent = context.isAnonymous ? undefined : this.#options.quotas.charge(context, points)
    if (spent !== undefined) return this.#masked({ errors: [spent] }, summary)
    summary.isExecuted = true
    const isSubscription = operation.definition.operation === 'subscription'
    const channel = isSubscription ? channels.subscribe : channels.execute
    const start = (): Promise<ExecutionResult | Stream> => {
      if (isSubscription) return this.subscribe(operation, given, context)
      const request = new Request(this.#options.services, context, operation.traits)
      return this.run(operation.run(context.isAnonymous), given, request)
    }
    if (!channel.hasSubscribers) return start()
    return publishPromise(channel, operationContext(this.schema, operation.summary), start)
  }

  /**
   * Runs an operation until no value is missing. If the stores know every value, no promise is created before
   * the answer.
   */
  async run(
    run: Run,
    variables: Variables,
    request: Request,
    onWithheld: 'TELL' | 'THROW' = 'TELL',
  ): Promise<ExecutionResult> {
    const { view, result } = await untilKnown(request, (view) => run(view, variables))
    // An answer that is refused discloses nothing.
    const { quotas, writeAudit } = this.#options
    const withheld = view.isTooLarge ? undefined : (quotas.admit(view) ?? (await writeAudit(view)))
    if (withheld !== undefined && onWithheld === 'THROW') throw withheld
    const { summary } = request.context
    if (withheld !== undefined) return this.#masked({ data: null, errors: [withheld] }, summary)
    return { ...this.#masked(result, summary), extensions: extensionsOf(view) }
  }

  #masked(result: ExecutionResult, summary: RequestSummary): ExecutionResult {
    if (result.data != null) summary.hasData = true
    if (result.errors === undefined) return result
    const errors = result.errors.map(this.#options.maskError)
    summary.addErrors(errors)
    return { ...result, errors }
  }
}

const NO_VARIABLES: Variables = {}

/** The client has disconnected. Nothing is computed, fetched or logged as an error for it any more. */
export class HungUp extends Error {
  override readonly name = 'AbortError'
}

/**
 * Runs a synchronous function until no value is missing, and fetches the missing values between the attempts.
 * After the deadline of the request there is one more attempt, in which a missing value is an error at its
 * place. Throws HungUp.
 */
export async function untilKnown<Result>(
  request: Request,
  attempt: (view: View) => Result,
): Promise<{ readonly view: View; readonly result: Result | ExecutionResult }> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (request.context.exchange.hasHungUp) throw new HungUp('the client has gone')
    const view = request.newView()
    const result = attemptOnce(view, attempt)
    if (view.isTooLarge) return { view, result: { errors: [queryTooLarge()] } }
    if (view.missing.size === 0) return { view, result }
    await request.fetch(view.missing)
    // The last answer was read in this turn of the event loop, which takes a millisecond or two.
    await nextTurn()
    const turn = turns.wait()
    if (turn !== undefined) await turn
  }
  throw new Error('an operation needs more rounds than it has levels')
}

function attemptOnce<Result>(view: View, attempt: (view: View) => Result): Result | ExecutionResult {
  try {
    return attempt(view)
  } catch (error) {
    if (error instanceof QueryTooLarge || view.missing.size > 0) return { errors: [] }
    throw error
  }
}

const isoTime = createIsoTime()

/**
 * The extensions of each answer: the calls to Clever that it cost, how many are left, and how old its oldest
 * value is.
 */
function extensionsOf(view: View) {
  const { request, oldestAsOf: oldest, isStale } = view
  const cost = { calls: request.context.allowance.calls, callsLeft: view.callsLeft() }
  if (oldest === Number.POSITIVE_INFINITY) return { cost }
  const seconds = Math.max(Math.round((view.now - oldest) / 1000), 0)
  return { cost, freshness: { oldest: isoTime(oldest), seconds, isStale } }
}
