import { expect } from 'vitest'
import { readResults } from './event-stream.ts'
import { type Claims, SERVICE, type TestGateway } from './gateway.ts'

export interface Told {
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it asked for
  readonly data?: any
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
  readonly extensions?: { readonly cost: { readonly calls: number } }
}

export const CHANGES = `subscription ($district: ID, $after: ID) {
  contactChanges(districtId: $district, afterEventId: $after) {
    eventId kind contactId contact { id phone { raw } } changedFields previousContactId occurredAt
  }
}`

export interface Subscription extends AsyncDisposable {
  readonly status: number
  /** The next result; undefined when the stream has come to its end. */
  next(): Promise<Told | undefined>
  /** The next change. */
  change(): Promise<Told['data']>
  /** The code of the error that ends the stream. */
  code(): Promise<string>
  hangUp(): void
}

interface SubscribeOptions {
  readonly query?: string
  readonly variables?: Record<string, unknown>
  readonly as?: Claims
  /** Of the token. s */
  readonly lifetime?: number
}

/** Over Server-Sent Events; resolves when the stream has begun. */
export async function subscribe(gateway: TestGateway, options: SubscribeOptions = {}): Promise<Subscription> {
  const { query = CHANGES, variables = {}, as = SERVICE, lifetime } = options
  const hungUp = new AbortController()
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${await gateway.tokenFor(as, lifetime)}`,
    },
    body: JSON.stringify({ query, variables }),
    signal: hungUp.signal,
  })
  const results = readResults<Told>(response.body ?? expect.unreachable())
  const next = async () => (await results.next()).value
  return {
    status: response.status,
    next,
    async change() {
      const { data, errors } = (await next()) ?? expect.unreachable('the stream is at its end')
      expect(errors).toBeUndefined()
      return data.contactChanges
    },
    async code() {
      const { data, errors } = (await next()) ?? expect.unreachable('the stream is at its end')
      expect(data ?? undefined).toBeUndefined()
      expect(await next()).toBeUndefined()
      return errors?.[0]?.extensions.code ?? ''
    },
    hangUp: () => hungUp.abort(),
    async [Symbol.asyncDispose]() {
      hungUp.abort()
    },
  }
}
