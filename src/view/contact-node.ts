import { VIEW_CONTACTS, VIEW_STUDENT } from '../access/policy.ts'
import { isShown } from '../access/redact.ts'
import type { Detail } from '../access/viewer.ts'
import { PAST_EVERY_ID, type UserId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import { type Identity, identityOf } from '../quality/identity.ts'
import {
  type ContactProfile,
  contactProfile,
  type EmailView,
  type PersonNameView,
  type PhoneView,
} from './profile.ts'
import { RelationshipNode } from './relationship-node.ts'
import type { View } from './view.ts'

/**
 * A contact as one viewer may see it, shaped like the GraphQL type. Whatever the viewer may not see is not here: resolvers
 * and compiled operations read properties.
 */
export class ContactNode {
  readonly __typename = 'Contact'
  readonly view: View
  readonly profile: ContactProfile
  readonly detail: Detail
  /** When the record was read, in ms since the epoch. */
  readonly since: number
  #relationships: readonly RelationshipNode[] | undefined
  #visible: ContactRecord | undefined
  #isDisclosed = false
  /** Whether the viewer asked for another id, which this contact succeeded. */
  isSuccessor = false

  constructor(view: View, record: ContactRecord, detail: Detail, since: number) {
    view.countNode()
    this.view = view
    this.profile = contactProfile(record)
    this.detail = detail
    this.since = since
  }

  get record(): ContactRecord {
    return this.profile.record
  }

  get id(): UserId {
    return this.record.id
  }

  get districtId(): string {
    return this.record.districtId
  }

  get displayName(): string | undefined {
    return this.profile.displayName
  }

  get name(): PersonNameView {
    return this.profile.name
  }

  get email(): EmailView | undefined {
    return isShown('email', this) ? this.profile.email : undefined
  }

  get phone(): PhoneView | undefined {
    return isShown('phone', this) ? this.profile.phone(this.view.request.services.phoneCountry) : undefined
  }

  get sisId(): string | undefined {
    return isShown('sisId', this) ? this.record.sisId : undefined
  }

  get legacyId(): string | undefined {
    return isShown('legacyId', this) ? this.record.legacyId : undefined
  }

  /** Computed from the visible relationships alone. */
  get identity(): Identity | undefined {
    return isShown('identity', this) ? identityOf(this.visibleRecord) : undefined
  }

  get createdAt(): string | undefined {
    return isShown('createdAt', this) ? this.record.createdAt : undefined
  }

  get lastModifiedAt(): string | undefined {
    return isShown('lastModifiedAt', this) ? this.record.lastModifiedAt : undefined
  }

  /** To the students that the viewer may see, and to no others. Discloses them, also for a contact that was reached through one of them. */
  get relationships(): readonly RelationshipNode[] {
    if (this.#relationships === undefined) {
      this.disclose()
      const { viewer } = this.view
      const shown = this.profile.relationships.filter(
        ({ entry }) => viewer.grounds(this.id, entry.studentId) !== undefined,
      )
      this.#relationships = shown.map((relationship) => new RelationshipNode(this, relationship))
    }
    return this.#relationships
  }

  /** Those to one student, whom the viewer may see. Costs nothing for the other students. */
  relationshipsTo(studentId: UserId): readonly RelationshipNode[] {
    return this.profile
      .relationshipsTo(studentId)
      .map((relationship) => new RelationshipNode(this, relationship))
  }

  /** Whether the viewer may see every entry that the contact might have. */
  get isWhole(): boolean {
    return this.view.viewer.mayInDistrict(VIEW_STUDENT)
  }

  /** The record with the visible relationships alone; the record itself if the viewer may see them all. */
  get visibleRecord(): ContactRecord {
    if (this.#visible === undefined) {
      const { record } = this
      const { viewer } = this.view
      const relationships = this.isWhole
        ? record.relationships
        : record.relationships.filter(({ studentId }) => viewer.grounds(record.id, studentId) !== undefined)
      this.#visible =
        relationships.length === record.relationships.length ? record : { ...record, relationships }
    }
    return this.#visible
  }

  /** Telling of a contact tells of the students that it is a contact of. */
  disclose(): this {
    if (this.#isDisclosed) return this
    this.#isDisclosed = true
    const { disclosures, viewer } = this.view
    const { id, relationships } = this.record
    if (viewer.seesDistrict) {
      const { reason } = viewer.access(PAST_EVERY_ID).contacts
      for (const { studentId } of relationships) disclosures.add(studentId, VIEW_CONTACTS, reason, id)
      if (relationships.length === 0) disclosures.addContact(id, VIEW_CONTACTS, reason)
      return this
    }
    let hasStudent = false
    for (const { studentId } of relationships) {
      const grounds = viewer.grounds(id, studentId)
      if (grounds === undefined) continue
      hasStudent = true
      disclosures.add(studentId, grounds.privilege, grounds.reason, id)
    }
    if (!hasStudent) disclosures.addContact(id, VIEW_CONTACTS, 'OWN_RECORD')
    return this
  }
}
