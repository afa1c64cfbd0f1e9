import type { StudentRecord } from '../clever/records.ts'
import { type EmailView, type PersonNameView, type PersonProfile, studentProfile } from './profile.ts'
import type { View } from './view.ts'

/** A student that the viewer may see, shaped like the GraphQL type. */
export class StudentNode {
  readonly __typename = 'Student'
  readonly view: View
  readonly profile: PersonProfile<StudentRecord>

  constructor(view: View, record: StudentRecord) {
    view.countNode()
    this.view = view
    this.profile = studentProfile(record)
  }

  get record(): StudentRecord {
    return this.profile.record
  }

  get id() {
    return this.record.id
  }

  get districtId() {
    return this.record.districtId
  }

  get displayName(): string | undefined {
    return this.profile.displayName
  }

  get name(): PersonNameView {
    return this.profile.name
  }

  get email(): EmailView | undefined {
    return this.profile.email
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
