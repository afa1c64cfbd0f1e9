import { isShown, type Visibility } from '../access/redact.ts'
import type { Detail } from '../access/viewer.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'
import type { Country } from '../quality/phones.ts'
import {
  type ContactProfile,
  contactProfile,
  type EmailView,
  type PersonNameView,
  type PhoneView,
} from './profile.ts'
import { RelationshipNode } from './relationship-node.ts'

/** Up to this number, searching the relationships of a contact is cheaper than an index. */
const FEW_RELATIONSHIPS = 8

/**
 * A contact in the shape of the GraphQL type, for all viewers with the same visibility. Resolvers and compiled operations
 * read its properties. It belongs to no request: the requests of these viewers share it until the record changes.
 * `relationshipsOf` returns the relationships that one viewer may see.
 */
export class ContactNode implements Visibility {
  readonly __typename = 'Contact'
  readonly id: UserId
  readonly districtId: DistrictId
  readonly record: ContactRecord
  readonly profile: ContactProfile
  readonly detail: Detail
  readonly isWhole: boolean
  /** The ids of all its students, including those that the viewer may not see. */
  readonly studentIds: readonly UserId[]
  #relationships: readonly RelationshipNode[] | undefined
  #byStudent: ReadonlyMap<UserId, readonly RelationshipNode[]> | undefined

  constructor(profile: ContactProfile, { detail, isWhole }: Visibility) {
    const { record } = profile
    this.id = record.id
    this.districtId = record.districtId
    this.record = record
    this.profile = profile
    this.studentIds = profile.studentIds
    this.detail = detail
    this.isWhole = isWhole
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
    return isShown('phone', this) ? this.profile.phone : undefined
  }

  get sisId(): string | undefined {
    return isShown('sisId', this) ? this.record.sisId : undefined
  }

  get legacyId(): string | undefined {
    return isShown('legacyId', this) ? this.record.legacyId : undefined
  }

  get createdAt(): string | undefined {
    return isShown('createdAt', this) ? this.record.createdAt : undefined
  }

  get lastModifiedAt(): string | undefined {
    return isShown('lastModifiedAt', this) ? this.record.lastModifiedAt : undefined
  }

  /** The relationships to all students, including those that the viewer may not see. */
  get everyRelationship(): readonly RelationshipNode[] {
    this.#relationships ??= this.profile.relationships.map((source) => new RelationshipNode(this, source))
    return this.#relationships
  }

  /** The relationships to one student. The viewer must be allowed to see this student. */
  relationshipsTo(studentId: UserId): readonly RelationshipNode[] {
    const all = this.everyRelationship
    if (all.length <= FEW_RELATIONSHIPS) return all.filter((each) => each.studentId === studentId)
    this.#byStudent ??= Map.groupBy(all, (each) => each.studentId)
    return this.#byStudent.get(studentId) ?? []
  }
}

/**
 * The node of a record for viewers with this visibility: the same one until the record changes. `country` is for phones
 * without a country code.
 */
export function contactNode(record: ContactRecord, visibility: Visibility, country: Country): ContactNode {
  const profile = contactProfile(record, country)
  const index = (visibility.detail === 'FULL' ? 1 : 0) + (visibility.isWhole ? 2 : 0)
  const known = profile.nodes[index]
  if (known !== undefined) return known
  const node = new ContactNode(profile, visibility)
  profile.nodes[index] = node
  return node
}
