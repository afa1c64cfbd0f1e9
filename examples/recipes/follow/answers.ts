interface Answer {
  readonly extensions?: { readonly freshness?: { readonly oldest?: string } } | undefined
}

/** Remembers from when the oldest data is that the page has read. */
export class Answers {
  #oldest: string | undefined

  /** The time for `changedAfter`; undefined before the first answer. */
  get oldest(): string | undefined {
    return this.#oldest
  }

  /** Called for each answer to a query. */
  add({ extensions }: Answer): void {
    const oldest = extensions?.freshness?.oldest
    if (oldest !== undefined && (this.#oldest === undefined || oldest < this.#oldest)) this.#oldest = oldest
  }

  /** Called before the page reads everything again. */
  clear(): void {
    this.#oldest = undefined
  }
}
