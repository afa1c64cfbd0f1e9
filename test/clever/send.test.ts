import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import { describe, expect, it } from 'vitest'
import { joined } from '../../src/clever/body.ts'
import { NotSent, send } from '../../src/clever/send.ts'

async function serve(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const dispatcher = new Agent({ connections: 1 })
  return {
    get: (signal: AbortSignal = new AbortController().signal, isWanted = true) =>
      send(
        dispatcher,
        { origin: `http://127.0.0.1:${port}`, path: '/', method: 'GET' },
        signal,
        () => isWanted,
      ),
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('the body of an answer', () => {
  const text = 'ä'.repeat(300_000)
  it.each<[string, RequestListener, string]>([
    ['that comes at once', (_, response) => response.end('short'), 'short'],
    ['that is empty', (_, response) => response.end(), ''],
    [
      'that comes in parts, of a known length',
      (_, response) => response.writeHead(200, { 'content-length': Buffer.byteLength(text) }).end(text),
      text,
    ],
    [
      'that comes in parts, of an unknown length',
      (_, response) => {
        response.write(text)
        response.end(text)
      },
      text + text,
    ],
    [
      'after an early hint',
      (_, response) => response.writeEarlyHints({ link: '</x>' }, () => response.end('x')),
      'x',
    ],
  ])('%s', async (_name, answer, expected) => {
    await using server = await serve(answer)
    expect(Buffer.from(joined((await server.get()) ?? expect.unreachable())).toString()).toBe(expected)
  })

  it('can be freed chunk by chunk while it is joined', async () => {
    await using server = await serve((_, response) => response.end(text))
    const body = (await server.get()) ?? expect.unreachable()
    const whole = joined(body, ({ buffer }) => buffer.transfer(0))
    expect(body.length).toBeGreaterThan(1)
    expect(body.every(({ buffer }) => buffer.detached)).toBe(true)
    expect(Buffer.from(whole).toString()).toBe(text)
  })

  it('that comes in many small parts has few chunks, each in memory of its own', async () => {
    await using server = await serve(async (_, response) => {
      response.flushHeaders()
      for (let part = 0; part < 2_000; part += 1) {
        response.write('x'.repeat(100))
        if (part % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      response.end()
    })
    const body = (await server.get()) ?? expect.unreachable()
    expect(Buffer.from(joined(body)).toString()).toBe('x'.repeat(200_000))
    expect(body.length).toBeLessThanOrEqual(8)
    for (const { byteLength, buffer } of body) expect(buffer.byteLength).toBe(byteLength)
  })

  it('that is not wanted is not awaited', async () => {
    await using server = await serve((_, response) => response.writeHead(404).flushHeaders())
    expect(await server.get(undefined, false)).toBeUndefined()
  })

  it('that is not wanted and endless ends the connection, and the next call gets another', async () => {
    let connections = 0
    await using server = await serve((request, response) => {
      if (request.socket.bytesWritten === 0) connections += 1
      const more = () => response.write(text, (error) => error == null && more())
      more()
    })
    expect(await server.get(undefined, false)).toBeUndefined()
    expect(await server.get(undefined, false)).toBeUndefined()
    expect(connections).toBe(2)
  })
})

describe('a call whose request ends', () => {
  const gone = new Error('gone')

  it('while it waits for a connection was not sent', async () => {
    let received = 0
    await using server = await serve(() => {
      received += 1
    })
    const first = new AbortController()
    const second = new AbortController()
    const calls = [server.get(first.signal), server.get(second.signal)]
    second.abort(gone)
    await expect(calls[1]).rejects.toMatchObject({ name: 'NotSent', cause: gone })
    first.abort(gone)
    await expect(calls[0]).rejects.toSatisfy((error) => error === gone || error instanceof NotSent)
    expect(received).toBeLessThan(2)
  })

  it('before the call was not sent', async () => {
    await using server = await serve(() => expect.unreachable())
    await expect(server.get(AbortSignal.abort(gone))).rejects.toBeInstanceOf(NotSent)
  })

  it('in the middle of the body fails with the reason', async () => {
    const request = new AbortController()
    await using server = await serve((_, response) => response.write('half', () => request.abort(gone)))
    await expect(server.get(request.signal)).rejects.toBe(gone)
  })
})
