import { setImmediate as nextTurn } from 'node:timers/promises'
import { Gauge } from 'prom-client'
import { expect, it } from 'vitest'
import { startGateway } from '../support/gateway.ts'

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
