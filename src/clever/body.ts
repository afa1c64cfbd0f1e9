/** The body of an answer, in the chunks in which it came. */
export type Body = readonly Uint8Array[]

export function lengthOf(body: Body): number {
  return body.reduce((length, chunk) => length + chunk.length, 0)
}

/** The whole body in memory of its own. A body of one chunk is not copied if nothing else is in its memory. */
export function joined(body: Body): ArrayBuffer {
  const [first] = body
  if (first !== undefined && body.length === 1 && isAlone(first)) return first.buffer
  const whole = new Uint8Array(lengthOf(body))
  let at = 0
  for (const chunk of body) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole.buffer
}

/** The same chunks, each in memory of its own, which can be given to a thread. Copies those that share theirs. */
export function owned(body: Body): readonly Uint8Array<ArrayBuffer>[] {
  return body.map((chunk) => (isAlone(chunk) ? chunk : Uint8Array.from(chunk)))
}

function isAlone(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength
}
