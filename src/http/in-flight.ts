import type { Socket } from 'node:net'

/**
 * The maximum number of requests of one connection that are answered at the same time. A client that
 * pipelines has a few open, never hundreds.
 */
const MAX_PIPELINED = 16

/** A bounded number of places. A place is a number, so a request costs no object, timer or signal for it. */
export class RequestSlots {
  readonly #max: number
  #taken = 0

  constructor(max: number) {
    this.#max = max
  }

  get taken(): number {
    return this.#taken
  }

  take(): boolean {
    if (this.#taken >= this.#max) return false
    this.#taken += 1
    return true
  }

  release() {
    this.#taken -= 1
  }
}

export interface InFlightOptions {
  readonly maxQueries: number
  readonly maxSubscriptions: number
}

/** The GraphQL requests that the process answers at the moment. */
export class InFlight {
  readonly queries: RequestSlots
  /**
   * Requests that accept a stream of events. They do not hold an answer in memory, and a thousand clients may
   * reconnect at once after a restart. Subscriptions beyond their own limit are refused when the query has
   * been read, with a code of their own.
   */
  readonly streams: RequestSlots
  readonly #connections = new WeakMap<Socket, RequestSlots>()

  constructor({ maxQueries, maxSubscriptions }: InFlightOptions) {
    this.queries = new RequestSlots(maxQueries)
    this.streams = new RequestSlots(maxQueries + maxSubscriptions)
  }

  /** The places of one connection. */
  on(socket: Socket): RequestSlots {
    const known = this.#connections.get(socket)
    if (known !== undefined) return known
    const slots = new RequestSlots(MAX_PIPELINED)
    this.#connections.set(socket, slots)
    return slots
  }
}
