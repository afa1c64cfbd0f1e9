import { tracingChannel } from 'node:diagnostics_channel'
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationTypeNode,
} from 'graphql'
import type { OperationSummary } from '../model/request-summary.ts'

/**
 * What a subscriber of a channel receives: the shape that graphql-js 17 publishes on channels of the same names, without
 * values. `document` has the operation without its selections, `rawVariableValues` is always undefined, and `result` has only errors.
 */
export interface ChannelContext {
  readonly schema: GraphQLSchema
  readonly source?: string
  readonly document?: DocumentNode
  readonly rawVariableValues?: undefined
  readonly operationName?: string | undefined
  readonly operationType?: OperationTypeNode | undefined
  /** Not part of graphql-js. */
  readonly documentHash?: string
  result?: { readonly errors?: readonly GraphQLError[] | undefined } | readonly GraphQLError[]
  error?: unknown
}

const channelOf = (name: string) => tracingChannel<unknown, ChannelContext>(name)

/** The channels of graphql-js 17, published by this executor, whose operations graphql-js does not run. */
export const channels = {
  parse: channelOf('graphql:parse'),
  validate: channelOf('graphql:validate'),
  execute: channelOf('graphql:execute'),
  subscribe: channelOf('graphql:subscribe'),
}
type Channel = (typeof channels)['parse']

const NO_SELECTIONS = { kind: Kind.SELECTION_SET, selections: [] } as const

export function operationContext(schema: GraphQLSchema, summary: OperationSummary): ChannelContext {
  const { name, type, documentHash } = summary
  const operation = type as OperationTypeNode
  const named = name === undefined ? {} : { name: { kind: Kind.NAME, value: name } as const }
  const definition = {
    kind: Kind.OPERATION_DEFINITION,
    operation,
    ...named,
    selectionSet: NO_SELECTIONS,
  } as const
  const document = { kind: Kind.DOCUMENT, definitions: [definition] } as const
  return {
    schema,
    document,
    rawVariableValues: undefined,
    operationName: name,
    operationType: operation,
    documentHash,
  }
}

/** Publishes a step that ends at once. `errorsOf`: the errors of its result. */
export function publishSync<Result>(
  channel: Channel,
  message: ChannelContext,
  step: () => Result,
  errorsOf: (result: Result) => readonly GraphQLError[] = () => [],
): Result {
  if (!channel.hasSubscribers) return step()
  return channel.start.runStores(message, () => {
    try {
      const result = step()
      message.result = errorsOf(result).map(withoutMessage)
      return result
    } catch (error) {
      message.error = nameOf(error)
      channel.error.publish(message)
      throw error
    } finally {
      channel.end.publish(message)
    }
  })
}

/** Publishes a step that ends later. */
export function publishPromise<Result extends ExecutionResult | object>(
  channel: Channel,
  message: ChannelContext,
  step: () => Promise<Result>,
): Promise<Result> {
  return channel.start.runStores(message, async () => {
    const running = step()
    channel.end.publish(message)
    try {
      const result = await running
      const errors = 'errors' in result ? result.errors?.map(withoutMessage) : undefined
      message.result = { errors }
      channel.asyncStart.publish(message)
      return result
    } catch (error) {
      message.error = nameOf(error)
      channel.error.publish(message)
      channel.asyncStart.publish(message)
      throw error
    } finally {
      channel.asyncEnd.publish(message)
    }
  })
}

/** A message may quote the document. */
function withoutMessage({ extensions }: GraphQLError): GraphQLError {
  const code = typeof extensions.code === 'string' ? extensions.code : 'GRAPHQL_ERROR'
  return new GraphQLError(code, { extensions: { code } })
}

function nameOf(error: unknown): Error {
  return new Error(error instanceof Error ? error.name : typeof error)
}
