import { setTimeout as delay } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { createOutbound, type Proxies } from '../outbound.ts'

/** A URL that messages may be sent to, with the connections to its origin. */
export interface CallbackTarget {
  readonly url: URL
  readonly dispatcher: Dispatcher
}

const MAX_URL_LENGTH = 2_000
/** The router appends the id of the subscription to its URL. Nothing that could lead to another path is allowed. */
const LAST_SEGMENT = /^[A-Za-z0-9_-]+$/
/** A router that does not answer must not use up the time in which the process may end. ms */
const LAST_MESSAGES_MS = 1_000
const LIMITS = {
  connections: 64,
  connectTimeout: 2_000,
  headersTimeout: 10_000,
  bodyTimeout: 10_000,
  maxResponseSize: 100_000,
}

/** The URLs of routers that subscriptions may be sent to, so that a request cannot make the gateway call other hosts or paths. */
export class CallbackTargets {
  readonly #bases: readonly { readonly base: string; readonly dispatcher: Dispatcher }[]

  readonly #open = new Set<Promise<void>>()

  constructor(urls: readonly string[], proxies: Proxies) {
    this.#bases = urls.map((url) => ({
      base: `${url.replace(/\/$/, '')}/`,
      dispatcher: createOutbound(new URL(url).origin, proxies, LIMITS).dispatcher,
    }))
  }

  /** Undefined for a URL that is not one segment below one of the listed URLs. */
  find(text: string): CallbackTarget | undefined {
    if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) return undefined
    const url = new URL(text)
    // A URL in another spelling than the parser's is refused: two parsers could read it differently.
    if (url.href !== text) return undefined
    const found = this.#bases.find(
      ({ base }) => text.startsWith(base) && LAST_SEGMENT.test(text.slice(base.length)),
    )
    return found && { url, dispatcher: found.dispatcher }
  }

  /** Counts a subscription as open until the promise resolves. */
  track(subscription: Promise<void>) {
    const done = subscription.finally(() => this.#open.delete(done))
    this.#open.add(done)
  }

  /** Lets the subscriptions, which must be ending, send their last messages for a while. */
  async close(): Promise<void> {
    await Promise.race([Promise.all(this.#open), delay(LAST_MESSAGES_MS, undefined, { ref: false })])
    await Promise.all(this.#bases.map(({ dispatcher }) => dispatcher.destroy()))
  }
}
