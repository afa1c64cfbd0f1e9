/**
 * The results in a stream of Server-Sent Events, in the format of graphql-sse. They end with `complete`, or without it
 * when the stream ends. The stream is locked at once: Node cancels the body of a response that was collected as garbage
 * before it is read.
 */
export function readResults<Result>(body: ReadableStream<Uint8Array>): AsyncGenerator<Result, undefined> {
  // The types of the stream in Node and in its fetch differ.
  return parse(body.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>)
}

async function* parse<Result>(parts: AsyncIterable<string>): AsyncGenerator<Result, undefined> {
  let text = ''
  for await (const part of parts) {
    text += part
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      if (/^event: complete$/m.test(block)) return undefined
      const data = /^event: next\n(?:id: .*\n)?data: (.*)$/m.exec(block)?.[1]
      if (data !== undefined) yield JSON.parse(data) as Result
    }
  }
  return undefined
}
