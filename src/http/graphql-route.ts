import type { IncomingMessage, ServerResponse } from 'node:http'
import { isAsyncIterable } from '@graphql-tools/utils'
import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Params, Stream } from '../execution/answer.ts'
import type { Incoming, IncomingContext } from './incoming.ts'
import type { OpenDocument } from './open-document.ts'
import { readPlainRequest } from './plain-request.ts'
import { type AnswerType, type Rendered, render } from './render.ts'

export interface GraphqlRouteOptions {
  readonly openDocument: OpenDocument
  readonly answer: (params: Params, incoming: Incoming) => Promise<ExecutionResult | Stream>
  /** Whether the request asks for a stream of events. */
  readonly isSubscription: (params: Params) => boolean
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
  const { answer, isSubscription, loadYoga, maxAnswerBytes, maskError, openDocument } = options
  let yoga: Promise<Yoga> | undefined

  /** Undefined for a request that Yoga reads: it asks for a stream, or names no document. */
  function openPlain(sent: Params, incoming: Incoming): Params | ExecutionResult | undefined {
    try {
      const params = openDocument(sent, incoming)
      return params.query === undefined || isSubscription(params) ? undefined : params
    } catch (error) {
      const errors = [maskError(error)]
      incoming.exchange.summary.addErrors(errors)
      return { errors }
    }
  }

  return async (request, response, incoming, body) => {
    const plain = body === undefined ? undefined : readPlainRequest(request, body)
    const opened = plain && openPlain(plain.params, incoming)
    if (plain === undefined || opened === undefined) {
      yoga ??= loadYoga()
      const serve = await yoga
      return incoming.exchange.hasHungUp ? undefined : serve(request, response, { incoming })
    }
    const result = 'errors' in opened ? opened : await answer(opened as Params, incoming)
    if (isAsyncIterable(result)) throw new Error('a stream for a request that asked for none')
    const rendered = render(result, plain.type, maxAnswerBytes)
    if (rendered.isTooLarge) incoming.exchange.summary.answerTooLarge()
    send(response, rendered, plain.type)
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
