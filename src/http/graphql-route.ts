import type { IncomingMessage, ServerResponse } from 'node:http'
import { isAsyncIterable } from '@graphql-tools/utils'
import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Params, Stream } from '../execution/answer.ts'
import { readCallback } from './callback-session.ts'
import type { Callbacks } from './callbacks.ts'
import type { Incoming, IncomingContext } from './incoming.ts'
import type { OpenDocument, SentParams } from './open-document.ts'
import { readPlainRequest } from './plain-request.ts'
import { type AnswerType, type Rendered, render } from './render.ts'

export interface GraphqlRouteOptions {
  readonly openDocument: OpenDocument
  readonly answer: (params: Params, incoming: Incoming) => Promise<ExecutionResult | Stream>
  /** Whether the request asks for a stream of events. */
  readonly isSubscription: (params: Params) => boolean
  /** Undefined if no subscription may be sent to a URL. */
  readonly callbacks: Callbacks | undefined
  readonly maskError: (error: unknown) => GraphQLError
  readonly maxAnswerBytes: number
  /** Loads the handler of all requests that are not plain. Called once, at the first such request. */
  readonly loadYoga: () => Promise<Yoga>
}

type Yoga = (request: IncomingMessage, response: ServerResponse, context: IncomingContext) => unknown

export type GraphqlRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  incoming: Incoming,
  body: string | undefined,
) => unknown

/** Plain requests are answered here, without the objects of the Fetch API, which cost some 100 µs each; Yoga answers the rest. */
export function createGraphqlRoute(options: GraphqlRouteOptions): GraphqlRoute {
  const { answer, loadYoga, maxAnswerBytes } = options
  let yoga: Promise<Yoga> | undefined
  return async (request, response, incoming, body) => {
    const plain = body === undefined ? undefined : readPlainRequest(request, body)
    const opened = plain && openPlain(plain.params, incoming, options)
    if (plain === undefined || opened === undefined) {
      yoga ??= loadYoga()
      const serve = await yoga
      return incoming.exchange.hasHungUp ? undefined : serve(request, response, { incoming })
    }
    const result = typeof opened === 'function' ? await opened() : await answer(opened, incoming)
    if (isAsyncIterable(result)) throw new Error('a stream for a request that asked for none')
    const rendered = render(result, plain.type, maxAnswerBytes)
    if (rendered.isTooLarge) incoming.exchange.summary.answerTooLarge()
    send(response, rendered, plain.type)
  }
}

/**
 * The parameters of a query, or a function that answers another request. Undefined for a request that Yoga reads: it asks for a stream,
 * or names no document.
 */
function openPlain(
  sent: SentParams,
  incoming: Incoming,
  { openDocument, isSubscription, callbacks, maskError }: GraphqlRouteOptions,
): Params | (() => Promise<ExecutionResult>) | undefined {
  try {
    const params = openDocument(sent, incoming)
    if (params.query === undefined) return undefined
    if (!isSubscription(params)) return params
    const callback = callbacks && readCallback(sent.extensions)
    return callback && (() => callbacks.open(params, callback, incoming))
  } catch (error) {
    const errors = [maskError(error)]
    incoming.exchange.summary.addErrors(errors)
    return async () => ({ errors })
  }
}

function send(response: ServerResponse, { status, headers, text, bytes }: Rendered, type: AnswerType) {
  for (const name in headers) response.setHeader(name, headers[name] ?? '')
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': bytes,
  })
  response.end(text)
}
