import type { DistrictId, UserId } from '../model/ids.ts'
import type { StudentRecord } from '../model/records.ts'
import { Found } from './found.ts'
import { PersonProfile } from './profile.ts'
import type { RelationshipNode } from './relationship-node.ts'

/** A student, shaped like the GraphQL type. It belongs to no request: a viewer who may see the student may see all of it. */
export class StudentNode extends PersonProfile<StudentRecord> {
  readonly __typename = 'Student'
  readonly id: UserId
  readonly districtId: DistrictId
  /** All relationships, as found in the contacts of a revision, for viewers who may see all of each contact. */
  readonly everyRelationship = new Found<readonly RelationshipNode[]>()

  constructor(record: StudentRecord) {
    super(record)
    this.id = record.id
    this.districtId = record.districtId
  }

  get grade(): string | undefined {
    return this.record.grade
  }

  get schoolId(): string | undefined {
    return this.record.schoolId
  }

  get schoolIds(): readonly string[] {
    return this.record.schoolIds
  }

  get sisId(): string | undefined {
    return this.record.sisId
  }

  get legacyId(): string | undefined {
    return this.record.legacyId
  }

  get studentNumber(): string | undefined {
    return this.record.studentNumber
  }

  get stateId(): string | undefined {
    return this.record.stateId
  }

  get createdAt(): string | undefined {
    return this.record.createdAt
  }

  get lastModifiedAt(): string | undefined {
    return this.record.lastModifiedAt
  }
}

const NODE = Symbol('node')

/** The node of a record: the same one until the record changes. Kept in a hidden property of the record: see `contactProfile`. */
export function studentNode(record: StudentRecord & { readonly [NODE]?: StudentNode }): StudentNode {
  const known = record[NODE]
  if (known !== undefined) return known
  const node = new StudentNode(record)
  Object.defineProperty(record, NODE, { value: node })
  return node
}
