import type { Districts } from './clever/districts.ts'
import type { Caller } from './clever/transport.ts'
import type { Clock } from './clock.ts'
import type { Incoming } from './http/listener.ts'
import { createLoaders, type Loaders } from './loaders/create-loaders.ts'

/** One request. */
export interface GatewayContext {
  readonly requestId: string
  readonly caller: Caller
  readonly districts: Districts
  readonly loaders: Loaders
}

export interface ContextOptions {
  readonly districts: Districts
  readonly clock: Clock
  /** ms in which a request is answered, in part if need be. */
  readonly requestTimeout: number
  /** The calls to Clever that one request may cost. */
  readonly mostCalls: number
}

/** No call is made to Clever beyond the timeout, nor after whoever asked has hung up. */
export function createContext(
  { districts, clock, requestTimeout, mostCalls }: ContextOptions,
  { requestId, gone, ledger }: Incoming,
): GatewayContext {
  const caller: Caller = {
    deadline: clock.now() + requestTimeout,
    signal: AbortSignal.any([gone, AbortSignal.timeout(requestTimeout)]),
    ledger,
  }
  return { requestId, caller, districts, loaders: createLoaders(districts, caller, mostCalls) }
}
