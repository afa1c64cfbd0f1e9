import type { ServerResponse } from 'node:http'
import type { Fault } from '../faults.ts'
import type { Answer } from './answer.ts'

/**
 * Sends the answer, damaged by the fault if there is one. Returns the status that was sent, or 0 if none was.
 */
export function deliver(response: ServerResponse, answer: Answer, fault?: Fault): number {
  if (fault?.cut === 'before-headers') {
    response.destroy()
    return 0
  }
  const { status, headers, body } = fault ? spoilt(answer, fault) : answer
  // `content-length` is always that of the whole body, so that a client notices a truncated body.
  response.writeHead(status, { ...headers, 'content-length': body.length })
  if (fault?.cut) response.write(halfOf(body), () => response.destroy())
  else if (fault?.stall) response.write(halfOf(body))
  else response.end(body)
  return status
}

function spoilt(answer: Answer, { status, headers, body, garble }: Fault): Answer {
  const isReplaced = status !== undefined || body !== undefined
  const whole = isReplaced ? replacement(answer, body ?? '') : answer
  return {
    status: garble ? 200 : (status ?? answer.status),
    headers: { ...whole.headers, ...headers },
    body: garble ? halfOf(whole.body) : whole.body,
  }
}

/**
 * A proxy that answers in place of Clever sends plain text or an empty body. A fault that sends JSON sets the
 * JSON type.
 */
function replacement({ status, headers }: Answer, body: string): Answer {
  const { 'content-type': _type, etag: _etag, ...kept } = { ...headers }
  const type = body.startsWith('{') ? 'application/json; charset=utf-8' : 'text/plain'
  return { status, headers: body === '' ? kept : { ...kept, 'content-type': type }, body: Buffer.from(body) }
}

function halfOf(body: Buffer): Buffer {
  return body.subarray(0, Math.ceil(body.length / 2))
}
