import type { Person } from './people.ts'

/**
 * The sign-in of one person. It outlives its token: when the token has expired, the person signs in again, and the page
 * goes on where it was.
 */
export class Session {
  readonly person: Person
  #token: string
  #renewal: PromiseWithResolvers<void> | undefined
  readonly #listeners = new Set<() => void>()

  constructor(person: Person, token: string) {
    this.person = person
    this.#token = token
  }

  get token(): string {
    return this.#token
  }

  get headers(): { authorization: string } {
    return { authorization: `Bearer ${this.#token}` }
  }

  readonly hasExpired = (): boolean => this.#renewal !== undefined

  /** Resolves as soon as the session has another token than this one, which was refused. */
  async renewalOf(refused: string): Promise<void> {
    if (refused !== this.#token) return
    this.#renewal ??= Promise.withResolvers()
    this.#notify()
    await this.#renewal.promise
  }

  renew(token: string): void {
    this.#token = token
    this.#renewal?.resolve()
    this.#renewal = undefined
    this.#notify()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
