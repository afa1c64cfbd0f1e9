/** What was found in the records of a role, for as long as none of them changes: see `View.revisionOf`. */
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
