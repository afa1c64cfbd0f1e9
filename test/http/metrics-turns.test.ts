import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Gauge } from 'prom-client'
import { expect, it } from 'vitest'
import { createMetricsServer } from '../../src/http/metrics-server.ts'
import { startGateway } from '../support/gateway.ts'

it('gives two scrapes at once the same values, of which some are reset when they are read', async () => {
  await using gateway = await startGateway({})
  let reads = 0
  new Gauge({
    name: 'test_reads',
    help: 'Of this test.',
    registers: [gateway.metrics.registry],
    collect() {
      reads += 1
      this.set(reads)
    },
  })
  const texts = await Promise.all(
    Array.from({ length: 5 }, async () => (await fetch(`${gateway.url}/metrics`)).text()),
  )
  expect(new Set(texts).size).toBeLessThan(5)
  expect(reads).toBeLessThan(5)
  const next = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(next).toContain(`\ntest_reads ${reads}\n`)
})

it('a metric that cannot be read is an error of the scrape alone, on a port for metrics too', async () => {
  await using gateway = await startGateway({})
  new Gauge({
    name: 'test_failing',
    help: 'Of this test.',
    registers: [gateway.metrics.registry],
    collect() {
      throw new Error('unreadable')
    },
  })
  const server = createMetricsServer(gateway.metrics, '/metrics').listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const own = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })
  server.close()
  expect([own.status, await own.text()]).toEqual([500, ''])
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(500)
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200)
})

it('answers requests between the metrics of a scrape', async () => {
  await using gateway = await startGateway({})
  const turns: number[] = []
  let turn = 0
  const names = Array.from({ length: 20 }, (_, n) => `test_${n}`)
  for (const name of names) {
    new Gauge({
      name,
      help: 'Of this test.',
      registers: [gateway.metrics.registry],
      collect() {
        turns.push(turn)
        this.set(1)
      },
    })
  }
  const scrape = fetch(`${gateway.url}/metrics`).then((reply) => reply.text())
  let text: string | undefined
  void scrape.then((whole) => {
    text = whole
  })
  for (; text === undefined; turn += 1) await nextTurn()
  for (const name of names) expect(text).toContain(`# TYPE ${name} gauge\n${name} 1\n`)
  expect(new Set(turns).size).toBe(names.length)
})
