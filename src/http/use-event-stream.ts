import { isAsyncIterable } from '@graphql-tools/utils'
import type { Plugin } from 'graphql-yoga'
import { JSON_ANSWER, REFUSALS, refusalBody } from './refuse.ts'
import { stringify } from './render.ts'

const EVENTS = 'text/event-stream'
/** The ranges of an Accept header that include it. */
const INCLUDES_EVENTS = /\*\/\*|text\/(?:event-stream|\*)/

/**
 * Adds what Yoga does not send for a subscription: headers that keep proxies from buffering it, and an answer
 * for a client that does not accept a stream. Yoga sends a comment every 12 s, so that proxies keep it open.
 */
export function useEventStream(): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      const accepts = request.headers.get('accept') ?? '*/*'
      if (!isAsyncIterable(result) || INCLUDES_EVENTS.test(accepts)) return
      const { status } = REFUSALS.NOT_ACCEPTABLE
      const body = JSON.stringify(refusalBody(REFUSALS.NOT_ACCEPTABLE))
      const headers = { 'content-type': JSON_ANSWER }
      setResultProcessor((_result, { Response }) => new Response(body, { status, headers }), JSON_ANSWER)
    },
    onResponse({ response: { headers } }) {
      if (!headers.get('content-type')?.startsWith(EVENTS)) return
      headers.set('cache-control', 'no-store')
      headers.set('x-accel-buffering', 'no')
      // Yoga says `none`, which is the name of no encoding.
      headers.delete('content-encoding')
    },
  }
}

/** The serializer of one result, by which Yoga sends the id of its event behind its data, as `id:`. */
export function stringifyWithId(id: string, maxBytes: number): (result: object) => string {
  return (result) => `${stringify(result, maxBytes).text}\nid: ${id}`
}
