import type { User } from '../../src/sandbox/roster/records.ts'

/** A call that the sandbox has received. */
export interface ReceivedCall {
  readonly districtId?: string
  readonly status: number
  /** Ms since 1970. */
  readonly at: number
}

export interface CleverEvent {
  readonly id: string
  readonly type: string
  readonly data: { readonly object: User }
}

/** The control of the sandbox, and its API with the token of a district. */
export class SandboxControl {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** Throws when the sandbox refuses. */
  async act(path: string, fields: object = {}): Promise<Readonly<Record<string, unknown>>> {
    return this.#send(`/_sandbox${path}`, { method: 'POST', body: JSON.stringify(fields) })
  }

  async clearFaults() {
    await this.#send('/_sandbox/faults', { method: 'DELETE' })
  }

  async forgetCalls() {
    await this.#send('/_sandbox/calls', { method: 'DELETE' })
  }

  async calls(): Promise<readonly ReceivedCall[]> {
    const { calls } = await this.#send('/_sandbox/calls', {})
    return calls as readonly ReceivedCall[]
  }

  async users(token: string, role: string): Promise<readonly User[]> {
    return this.#list<User>(`/v3.1/users?role=${role}&limit=10000`, token)
  }

  async events(token: string): Promise<readonly CleverEvent[]> {
    return this.#list<CleverEvent>('/v3.1/events?record_type=users&limit=10000', token)
  }

  async #list<Item>(path: string, token: string): Promise<readonly Item[]> {
    const { data } = await this.#send(path, { headers: { authorization: `Bearer ${token}` } })
    return (data as { data: Item }[]).map(({ data: item }) => item)
  }

  async #send(path: string, init: RequestInit): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(this.url + path, init)
    if (!response.ok) throw new Error(`the sandbox answers ${response.status} to ${path}`)
    return (await response.json()) as Record<string, unknown>
  }
}
