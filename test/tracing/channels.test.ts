import { tracingChannel } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { subscribe } from '../support/subscribe.ts'

const NAMES = ['graphql:parse', 'graphql:validate', 'graphql:execute', 'graphql:subscribe']
const AARON = '63850203bfb8460546071ef6'

/** All that the channels publish: the name of each channel and event, with its message. */
function listen() {
  // biome-ignore lint/suspicious/noExplicitAny: the message of a channel
  const heard: { readonly what: string; readonly message: any }[] = []
  const on = (what: string) => (message: unknown) => void heard.push({ what, message })
  const handlers = NAMES.map((name) => {
    const channel = tracingChannel(name)
    const all = {
      start: on(`${name} start`),
      end: on(`${name} end`),
      asyncStart: on(`${name} asyncStart`),
      asyncEnd: on(`${name} asyncEnd`),
      error: on(`${name} error`),
    }
    channel.subscribe(all)
    return () => channel.unsubscribe(all)
  })
  return {
    heard,
    [Symbol.dispose]() {
      for (const stop of handlers) stop()
    },
  }
}

/** Everything in a message but the schema, as text. */
function textOf(message: object) {
  return JSON.stringify({ ...message, schema: undefined })
}

describe("the channels of graphql-js 17, published by the gateway's executor", () => {
  it('report parsing, validation and execution, with the operation and without values', async () => {
    await using gateway = await startGateway()
    using listening = listen()
    await gateway.ask(`query ContactOfJane($id: ID!) { contact(id: $id) { Jane: displayName } }`, {
      id: AARON,
    })
    expect(listening.heard.map(({ what }) => what)).toEqual([
      'graphql:parse start',
      'graphql:parse end',
      'graphql:validate start',
      'graphql:validate end',
      'graphql:execute start',
      'graphql:execute end',
      'graphql:execute asyncStart',
      'graphql:execute asyncEnd',
    ])
    const message = listening.heard.at(-1)?.message
    expect(message).toMatchObject({
      operationName: 'ContactOf*',
      operationType: 'query',
      documentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      document: { kind: 'Document', definitions: [{ operation: 'query', name: { value: 'ContactOf*' } }] },
    })
    expect(message.rawVariableValues).toBeUndefined()
    expect(message.result).toEqual({ errors: undefined })
    for (const each of listening.heard) expect(textOf(each.message)).not.toMatch(/Jane|Aaron|63850203/)
  })

  it('report the codes of errors', async () => {
    await using gateway = await startGateway()
    gateway.sandbox.faults.add({ path: /\/users/, status: 500 })
    using listening = listen()
    await gateway.ask(`{ contact(id: "${AARON}") { displayName } }`)
    expect(listening.heard.at(-1)?.message.result.errors).toMatchObject([
      { message: 'UPSTREAM_UNAVAILABLE', extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    ])
    await gateway.ask('{ Jane')
    const failed = listening.heard.find(({ what }) => what === 'graphql:parse error')
    expect(textOf(failed?.message ?? {})).not.toContain('Jane')
  })

  it('report the begin of a subscription', async () => {
    await using gateway = await startGateway({ warm: 'lazy' })
    using listening = listen()
    await using subscription = await subscribe(gateway)
    expect(subscription.status).toBe(200)
    const whats = listening.heard.map(({ what }) => what)
    expect(whats).toContain('graphql:subscribe asyncEnd')
    expect(listening.heard.at(-1)?.message.operationType).toBe('subscription')
  })
})
