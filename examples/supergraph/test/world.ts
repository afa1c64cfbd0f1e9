import { expect, vi } from 'vitest'
import type { Composer } from '../compose.ts'
import { type ContactsGateway, startGateway } from '../gateway.ts'
import { type Router, startRouter, startSubgraphs } from '../supergraph.ts'
import { type Answer, ask, type EventStream, subscribe } from './ask.ts'
import { Recorder } from './recorder.ts'

export const GATEWAY = 'clever-contacts'
export const SECRET = '0123456789abcdef0123456789abcdef'

/** The gateway answers the router alone, and loads no district in the background: the calls of a query are its own. */
export const SETTINGS = { ROUTER_SECRET: SECRET, ROUTER_ONLY: 'true', WARM: 'off' }

/** Each router's own composer. */
export const COMPOSER: Readonly<Record<Router, Composer>> = {
  hive: 'hive',
  'hive-router': 'hive',
  apollo: 'apollo',
}

/** The day on which the three students of the documented family were absent. */
export const ABSENT_DAY = '2026-11-20'

/** A person of the sandbox, any token, or none. */
export type Viewer = 'service' | 'guardian' | 'student' | { readonly token: string | undefined }

/** A router in front of the gateway and its neighbors, with a recorder between the router and each of them. */
export class World {
  readonly #stack: AsyncDisposableStack
  readonly #url: string
  readonly recorder: Recorder
  #gateway: ContactsGateway

  private constructor(
    stack: AsyncDisposableStack,
    url: string,
    recorder: Recorder,
    gateway: ContactsGateway,
  ) {
    this.#stack = stack
    this.#url = url
    this.recorder = recorder
    this.#gateway = gateway
  }

  static async create(router: Router): Promise<World> {
    await using stack = new AsyncDisposableStack()
    const recorder = stack.use(new Recorder())
    const { gateway, supergraph } = stack.use(await startSubgraphs(SETTINGS, recorder))
    const { url } = stack.use(
      await startRouter(router, { supergraph: supergraph[COMPOSER[router]], secret: SECRET }),
    )
    return new World(stack.move(), url, recorder, gateway)
  }

  tokenOf(viewer: Viewer): string | undefined {
    return typeof viewer === 'string' ? this.#gateway.tokens[viewer] : viewer.token
  }

  ask(query: string, as: Viewer = 'service'): Promise<Answer> {
    return ask(this.#url, { query }, this.tokenOf(as))
  }

  /** Asks the gateway itself. */
  askDirectly(query: string): Promise<Answer> {
    return ask(this.#gateway.url, { query }, this.tokenOf('service'))
  }

  subscribe(query: string, as: Viewer = 'service'): Promise<EventStream> {
    return subscribe(this.#url, { query }, this.tokenOf(as))
  }

  /** Resolves as soon as the gateway has this number of subscriptions. */
  async subscriptions(count: number): Promise<void> {
    const read = async () => {
      const response = await fetch(new URL('/metrics', this.#gateway.url))
      return /^gateway_subscriptions (\d+)$/m.exec(await response.text())?.[1]
    }
    await vi.waitFor(async () => expect(await read()).toBe(String(count)), { timeout: 20_000, interval: 20 })
  }

  /** The records that the gateway has read from Clever, one for each call. Sorted: those of one request are read side by side. */
  async calls(): Promise<readonly string[]> {
    const response = await fetch(`${this.#gateway.sandbox}/calls`)
    const { calls } = (await response.json()) as { readonly calls: readonly { readonly path: string }[] }
    return calls.flatMap(({ path }) => path.split('/users/')[1] ?? []).toSorted()
  }

  /** Changes the sandbox at a path such as `faults`. */
  async sandbox(path: string, body: object, method = 'POST'): Promise<void> {
    const response = await fetch(`${this.#gateway.sandbox}/${path}`, { method, body: JSON.stringify(body) })
    expect(response.ok, path).toBe(true)
  }

  /** Puts a new process in the place of the gateway. It has read nothing yet, and its sandbox is as at first. */
  async restartGateway(): Promise<void> {
    await this.#gateway[Symbol.asyncDispose]()
    this.#gateway = this.#stack.use(await startGateway(SETTINGS))
    this.recorder.moveTo({ name: GATEWAY, url: this.#gateway.url })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}
