import type { ServerResponse } from 'node:http'
import type { Fault } from '../faults.ts'
import type { Answer } from './answer.ts'

/** Sends the answer, spoilt by the fault if there is one. Returns the status sent; 0 when none was. */
export function deliver(response: ServerResponse, answer: Answer, fault?: Fault): number {
  if (fault?.cut === 'before-headers') {
    response.destroy()
    return 0
  }
  const { status, headers, body } = fault ? spoilt(answer, fault) : answer
  const bytes = Buffer.from(body)
  // The length promised is always the whole, so that a client can tell a cut from an end.
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2))
  if (fault?.cut) response.write(half, () => response.destroy())
  else if (fault?.stall) response.write(half)
  else response.end(bytes)
  return status
}

function spoilt(answer: Answer, { status, headers, body, garble }: Fault): Answer {
  const isReplaced = status !== undefined || body !== undefined
  const whole = isReplaced ? (body ?? '') : answer.body
  return {
    status: garble ? 200 : (status ?? answer.status),
    headers: { ...answer.headers, ...headers },
    body: garble ? whole.slice(0, Math.ceil(whole.length / 2)) : whole,
  }
}
