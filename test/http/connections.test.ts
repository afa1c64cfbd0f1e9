import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { limitReadingTime } from '../../src/http/reading-time.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { nextReply, open } from '../support/raw-http.ts'

/** An answer of more than the 5 MB that the buffers of two sockets hold. */
const LARGE = `{ _service { ${Array.from({ length: 300 }, (_, index) => `s${index}: sdl`).join(' ')} } }`

function askOver(gateway: TestGateway, query: string, accept = 'application/json') {
  const socket = open(gateway.url)
  const body = JSON.stringify({ query })
  const headers = [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    `Authorization: ${gateway.authorization}`,
    'Content-Type: application/json',
    `Accept: ${accept}`,
    `Content-Length: ${body.length}`,
  ]
  socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`)
  return socket
}

describe('O10: a client that does not read its answer', () => {
  it.concurrent.each(['application/json', 'application/graphql-response+json'])(
    'loses its connection after a time-out, which the log and a metric tell: %s',
    async (accept) => {
      await using gateway = await startGateway({ requestTimeout: 500 })
      const socket = askOver(gateway, LARGE, accept).pause()
      await vi.waitFor(() => expect(gateway.lines.join('')).toContain('"status":"not read"'), 5_000)
      expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain(
        'gateway_request_seconds_count{status="not read",outcome="unfinished"} 1',
      )
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.resume()
      await closed
      expect(socket.bytesRead).toBeLessThan(8_000_000)
    },
  )

  it('unlike one that reads it', async () => {
    await using gateway = await startGateway({ requestTimeout: 500 })
    const { data } = await gateway.ask(LARGE)
    expect(JSON.stringify(data).length).toBeGreaterThan(8_000_000)
  })

  it('and one that reads a byte now and then is given what the slowest network takes, and no more', async () => {
    vi.useFakeTimers()
    try {
      const response = Object.assign(new EventEmitter(), {
        headersSent: true,
        writableFinished: false,
        writableLength: 409_600,
        setTimeout: () => {},
        getHeader: () => 'application/json',
        destroy: vi.fn(),
      })
      const onGivenUp = vi.fn()
      limitReadingTime(response as unknown as ServerResponse, 1_000, onGivenUp)
      response.emit('prefinish')
      vi.advanceTimersByTime(100_000)
      expect(response.destroy).not.toHaveBeenCalled()
      vi.advanceTimersByTime(2_000)
      expect(response.destroy).toHaveBeenCalledOnce()
      expect(onGivenUp).toHaveBeenCalledOnce()
    } finally {
      vi.useRealTimers()
    }
  })
})

describe.concurrent('an idle connection', () => {
  it('stays open for longer than the 60 s of balancers', async () => {
    await using gateway = await startGateway()
    const { headers } = await nextReply(askOver(gateway, '{ __typename }'))
    expect(headers['keep-alive']).toBe('timeout=75')
  })

  it('outlasts the time-outs of requests and answers', async () => {
    await using gateway = await startGateway({ requestTimeout: 150 })
    const socket = askOver(gateway, '{ __typename }')
    expect((await nextReply(socket)).status).toBe(200)
    await pause(500)
    socket.removeAllListeners('data').write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect((await nextReply(socket)).body).toBe('{"status":"up"}')
  })

  it('closes after KEEP_ALIVE_MS', async () => {
    await using gateway = await startGateway({ keepAlive: 100 })
    const socket = askOver(gateway, '{ __typename }')
    expect((await nextReply(socket)).status).toBe(200)
    await new Promise((resolve) => socket.once('close', resolve))
  })
})
