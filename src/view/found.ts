/**
 * Search results in the records of a role. They are kept as long as none of the records changes: see
 * `View.revisionOf`.
 */
export class Found<Value> {
  #revision: number | undefined
  #value: Value | undefined

  /** Undefined for another revision. */
  at(revision: number): Value | undefined {
    return this.#revision === revision ? this.#value : undefined
  }

  keep(revision: number, value: Value) {
    this.#revision = revision
    this.#value = value
  }
}
