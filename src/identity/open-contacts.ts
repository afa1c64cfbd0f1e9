import type { UserId } from '../model/ids.ts'
import { type ContactRecord, studentIdsOf } from '../model/records.ts'

/** A contact that was created or deleted. */
export interface Candidate {
  readonly kind: 'created' | 'deleted'
  readonly record: ContactRecord
  /** ms since the epoch */
  readonly occurredAt: number
}

/** Contacts that have just come or gone, found by their students. `apart`: ms between a deletion and a creation, at most. */
export class OpenContacts {
  readonly #apart: number
  readonly #seen = new Map<UserId, Candidate>()
  readonly #byStudent = new Map<UserId, Set<UserId>>()

  constructor(apart: number) {
    this.#apart = apart
  }

  get size(): number {
    return this.#seen.size
  }

  /** Adds a contact that was not added before. */
  add(contact: Candidate) {
    const { id } = contact.record
    this.#seen.set(id, contact)
    for (const studentId of studentIdsOf(contact.record.relationships)) {
      const ids = this.#byStudent.get(studentId) ?? new Set()
      this.#byStudent.set(studentId, ids.add(id))
    }
  }

  remove(id: UserId) {
    const known = this.#seen.get(id)
    if (known === undefined) return
    this.#seen.delete(id)
    for (const studentId of studentIdsOf(known.record.relationships)) {
      const ids = this.#byStudent.get(studentId)
      ids?.delete(id)
      if (ids?.size === 0) this.#byStudent.delete(studentId)
    }
  }

  /** The contacts that went when this one came, or came when this one went, and share a student with it. */
  candidatesFor({ kind, record, occurredAt }: Candidate): readonly Candidate[] {
    const ids = new Set(
      [...studentIdsOf(record.relationships)].flatMap((studentId) => [
        ...(this.#byStudent.get(studentId) ?? []),
      ]),
    )
    return [...ids]
      .flatMap((id) => this.#seen.get(id) ?? [])
      .filter((other) => other.kind !== kind && Math.abs(other.occurredAt - occurredAt) <= this.#apart)
  }

  /** `time`: ms since the epoch. Contacts are kept in the order in which they were reported. */
  removeBefore(time: number) {
    for (const [id, { occurredAt }] of this.#seen) {
      if (occurredAt >= time) break
      this.remove(id)
    }
  }
}
