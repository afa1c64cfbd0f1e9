import type { DistrictId, UserId } from '../model/ids.ts'
import type { Relationship } from '../model/relationship-ids.ts'
import type { ContactNode } from './contact-node.ts'
import { Found } from './found.ts'
import type { StudentNode } from './student-node.ts'

type Words = Relationship['words']

/** The relationship of one contact to one student. It is the only link between the two in the schema. */
export class RelationshipNode {
  readonly __typename = 'StudentRelationship'
  readonly id: string
  readonly studentId: UserId
  readonly contact: ContactNode
  readonly source: Relationship
  readonly #words: Words
  /** The student, as found in the students of a revision. */
  readonly student = new Found<StudentNode>()

  constructor(contact: ContactNode, source: Relationship) {
    this.id = source.id
    this.studentId = source.entry.studentId
    this.contact = contact
    this.source = source
    this.#words = source.words
  }

  get districtId(): DistrictId {
    return this.contact.districtId
  }

  get contactId(): UserId {
    return this.contact.id
  }

  get relationship(): Words['relationship'] {
    return this.#words.relationship
  }

  get relationshipIsInferred(): boolean {
    return this.#words.relationshipIsInferred
  }

  get relationshipRaw(): string | undefined {
    return this.#words.relationshipRaw
  }

  get type(): Words['type'] {
    return this.#words.type
  }

  get typeIsInferred(): boolean {
    return this.#words.typeIsInferred
  }

  get typeRaw(): string | undefined {
    return this.#words.typeRaw
  }
}
