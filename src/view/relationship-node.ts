import type { Relationship } from '../model/relationship-ids.ts'
import type { ContactNode } from './contact-node.ts'

/** What one contact is to one student: the only way from either to the other. */
export class RelationshipNode {
  readonly __typename = 'StudentRelationship'
  readonly contact: ContactNode
  readonly source: Relationship

  constructor(contact: ContactNode, source: Relationship) {
    contact.view.countNode()
    this.contact = contact
    this.source = source
  }

  get id(): string {
    return this.source.id
  }

  get districtId(): string {
    return this.contact.districtId
  }

  get contactId(): string {
    return this.contact.id
  }

  get studentId() {
    return this.source.entry.studentId
  }

  get relationship(): Relationship['words']['relationship'] {
    return this.source.words.relationship
  }

  get relationshipIsInferred(): boolean {
    return this.source.words.relationshipIsInferred
  }

  get relationshipRaw(): string | undefined {
    return this.source.words.relationshipRaw
  }

  get type(): Relationship['words']['type'] {
    return this.source.words.type
  }

  get typeIsInferred(): boolean {
    return this.source.words.typeIsInferred
  }

  get typeRaw(): string | undefined {
    return this.source.words.typeRaw
  }
}
