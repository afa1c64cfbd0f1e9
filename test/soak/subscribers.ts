import { setTimeout as delay } from 'node:timers/promises'
import { readResults } from '../support/event-stream.ts'
import { checkAnswer } from './check-answer.ts'
import { CHANGES } from './documents.ts'
import type { Excuses } from './excuses.ts'
import type { Principal } from './principals.ts'
import type { SoakRecord } from './record.ts'
import type { Truth } from './truth.ts'
import { MAX_AGES } from './world.ts'

/** A subscriber leaves after this time and continues, mostly on the other gateway. ms */
const STAYS_MS = 20_000
const PAUSE_MS = 500

/** With these codes, the subscriber has to read again, and begins without its last event. */
const LOST = new Set(['EVENTS_LOST', 'EVENTS_EXPIRED'])
/** With these, it continues elsewhere. */
const RESUME = new Set(['SHUTTING_DOWN', 'SLOW_READER'])

interface Result {
  readonly data?: {
    readonly contactChanges: { readonly eventId: string; readonly kind: string; readonly contactId: string }
  } | null
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
}

export interface SubscriberOptions {
  readonly url: string
  readonly principal: Principal
  readonly truth: Truth
  readonly record: SoakRecord
  readonly excuses: Excuses
}

/** Hears the changes of a district, and continues behind the last one after each end of its stream. */
export class Subscriber {
  /** Ids of events, in the order of arrival. A new list begins where the subscriber was told that it missed some. */
  readonly heard: string[][] = [[]]
  readonly principal: Principal
  readonly #options: SubscriberOptions
  readonly #over = new AbortController()
  readonly #following: Promise<void>
  resumed = 0

  constructor(options: SubscriberOptions) {
    this.#options = options
    this.principal = options.principal
    this.#following = this.#follow()
  }

  async end() {
    this.#over.abort()
    await this.#following
  }

  async #follow() {
    while (!this.#over.signal.aborted) {
      const startedAt = Date.now()
      const leave = AbortSignal.any([this.#over.signal, AbortSignal.timeout(STAYS_MS)])
      try {
        await this.#listen(leave, startedAt)
      } catch {
        // Its process was killed, or the subscriber has left: it continues.
      }
      this.resumed += 1
      await delay(PAUSE_MS)
    }
  }

  async #listen(signal: AbortSignal, startedAt: number) {
    const { url, principal, truth, record } = this.#options
    const variables = { district: principal.districtId, after: this.heard.at(-1)?.at(-1) }
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${principal.token}`,
      },
      body: JSON.stringify({ query: CHANGES, variables }),
      signal,
    })
    if (response.body === null) return
    for await (const { data, errors = [] } of readResults<Result>(response.body)) {
      for (const { extensions } of errors) this.#end(extensions.code, startedAt)
      const change = data?.contactChanges
      if (change === undefined) continue
      if (this.heard.some((list) => list.includes(change.eventId)))
        record.broke('a subscriber heard a change twice', change.eventId)
      this.heard.at(-1)?.push(change.eventId)
      const period = { from: startedAt, until: Date.now() }
      const { wrong, entries } = checkAnswer(data, principal.viewer, truth, period, MAX_AGES)
      record.checked(entries)
      for (const each of wrong) record.broke('a change showed what it must not', each)
    }
  }

  #end(code: string, startedAt: number) {
    const { record, excuses, principal } = this.#options
    if (RESUME.has(code)) return
    record.fail(code)
    const isExpected = excuses.isExpected(code, principal.districtId, startedAt)
    if (LOST.has(code)) this.heard.push([])
    if (!isExpected) record.broke('a stream ended without a cause', code)
  }
}
