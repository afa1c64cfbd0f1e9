import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { Judge, type JudgeOptions, type Reply } from './judge.ts'
import type { Kind, Shot } from './kinds.ts'

/** Of the clients together. Beyond it, requests are sent later. */
const MAX_IN_FLIGHT = 200
const KEPT_CONNECTIONS = 24
/** Shorter than the drain: a client that sends just when an idle connection is closed loses its request. ms */
const MAX_IDLE_MS = 1_000
/** One request of so many opens a connection of its own. */
const OWN_CONNECTION_EVERY = 10
const TICK_MS = 20

export interface LoadOptions extends JudgeOptions {
  /** Of the balancer. */
  readonly url: string
  readonly kinds: readonly Kind[]
}

/** Clients that send requests of all kinds, and judge each reply. */
export class Load {
  readonly #options: LoadOptions
  readonly #judge: Judge
  readonly #agent = new Agent({
    connections: KEPT_CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: MAX_IDLE_MS,
    keepAliveMaxTimeout: MAX_IDLE_MS,
  })
  readonly #underWay = new Set<Promise<void>>()
  readonly #sending: Promise<unknown>
  #isOver = false
  #sent = 0

  constructor(options: LoadOptions) {
    this.#options = options
    this.#judge = new Judge(options)
    this.#sending = Promise.all(options.kinds.map((kind) => this.#sendEvenly(kind)))
  }

  async end() {
    this.#isOver = true
    await this.#sending
    await Promise.all(this.#underWay)
    await this.#agent.close()
  }

  async #sendEvenly(kind: Kind) {
    const startedAt = performance.now()
    for (let sent = 0; !this.#isOver; ) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * kind.perSecond)
      for (; sent < due && this.#underWay.size < MAX_IN_FLIGHT; sent += 1) {
        const task = this.#send(kind).finally(() => this.#underWay.delete(task))
        this.#underWay.add(task)
      }
      await delay(TICK_MS)
    }
  }

  async #send(kind: Kind) {
    const { record } = this.#options
    const shot = kind.next()
    const from = Date.now()
    const startedAt = performance.now()
    record.minute.requests += 1
    this.#sent += 1
    const own = this.#sent % OWN_CONNECTION_EVERY === 0 ? new Agent({ pipelining: 0 }) : undefined
    try {
      const reply = await this.#ask(shot, own ?? this.#agent)
      if (shot.outcome.must === 'answer') record.minute.latencies.push(performance.now() - startedAt)
      this.#judge.reply(kind, shot, reply, from)
    } catch (error) {
      if (shot.hangUpAfterMs !== undefined) record.minute.hungUp += 1
      else {
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
        this.#judge.lost(kind, shot, code, from)
      }
    } finally {
      await own?.close().catch(() => {})
    }
  }

  async #ask(shot: Shot, dispatcher: Agent): Promise<Reply> {
    const { body, token, headers, hangUpAfterMs } = shot
    const reply = await request(`${this.#options.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body,
      dispatcher,
      ...(hangUpAfterMs !== undefined && { signal: AbortSignal.timeout(hangUpAfterMs) }),
    })
    return { status: reply.statusCode, ...((await reply.body.json()) as object) }
  }
}
