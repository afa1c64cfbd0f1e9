import type { Principal } from '../access/principal.ts'
import { CallAllowance } from '../model/call-allowance.ts'
import { RequestSummary } from '../model/request-summary.ts'
import type { RequestTrace } from '../tracing/request-trace.ts'
import type { RequestSlots } from './in-flight.ts'

/** The reason of the signals. It is made once, because most requests end one. */
const ENDED = new DOMException('The response has ended.', 'AbortError')

/** The data of one HTTP request before its token and its body have been read. */
export class HttpExchange {
  readonly requestId: string
  readonly allowance: CallAllowance
  readonly summary = new RequestSummary()
  /** Undefined where no SDK for traces is loaded. */
  readonly trace: RequestTrace | undefined
  /** The header Last-Event-ID: the last change that the client has received. */
  readonly lastEventId: string | undefined
  #gone: AbortController | undefined
  #over: AbortController | undefined
  #connection: RequestSlots | undefined
  #slot: RequestSlots | undefined
  #end: 'OPEN' | 'ANSWERED' | 'HUNG_UP' = 'OPEN'

  constructor(
    requestId: string,
    maxCalls: number,
    lastEventId: string | string[] | undefined,
    trace?: RequestTrace,
  ) {
    this.trace = trace
    this.requestId = requestId
    this.allowance = new CallAllowance(maxCalls)
    this.lastEventId = typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : undefined
  }

  /** Aborted when the client has hung up. */
  get gone(): AbortSignal {
    this.#gone ??= controller(this.#end === 'HUNG_UP')
    return this.#gone.signal
  }

  /** Aborted when the response has ended, completely or not. */
  get over(): AbortSignal {
    this.#over ??= controller(this.#end !== 'OPEN')
    return this.#over.signal
  }

  get hasHungUp(): boolean {
    return this.#end === 'HUNG_UP'
  }

  /** Takes a place among the requests of its connection, until the response has ended. False if none is free. */
  enterConnection(slots: RequestSlots): boolean {
    if (!slots.take()) return false
    this.#connection = slots
    return true
  }

  /** Takes a place among the requests in flight, in exchange for the one it has. False if none is free. */
  enter(slots: RequestSlots): boolean {
    if (this.#slot === slots || this.#end !== 'OPEN') return true
    if (!slots.take()) return false
    this.#slot?.release()
    this.#slot = slots
    return true
  }

  close(isComplete: boolean) {
    this.#end = isComplete ? 'ANSWERED' : 'HUNG_UP'
    this.#connection?.release()
    this.#slot?.release()
    if (!isComplete) this.#gone?.abort(ENDED)
    this.#over?.abort(ENDED)
  }
}

function controller(isAborted: boolean): AbortController {
  const created = new AbortController()
  if (isAborted) created.abort(ENDED)
  return created
}

/** One HTTP request whose token and body have been read. */
export interface Incoming {
  readonly exchange: HttpExchange
  /** Undefined for a request without a token, which may read only the schema, with GraphiQL or in the sandbox. */
  readonly principal: Principal | undefined
  /** When the token of the principal ceases to be accepted; undefined for never. ms since the epoch */
  readonly expiresAt: number | undefined
  /** Whether the token was revoked meanwhile. */
  readonly isRevoked?: (() => boolean) | undefined
  /** Whether the request may use what is reserved for the router: a proven router, or any request if no router has a secret. */
  readonly isFromRouter: boolean
  /** Whether the request has the secret or a signature of the router. */
  readonly isProvenRouter: boolean
}

/** The request data that Yoga passes to its plugins. */
export interface IncomingContext {
  readonly incoming: Incoming
}
