import { PersonNameView } from '../src/view/profile.ts'
import { builder, PII } from './builder.ts'
import { NameDetails } from './name-details.ts'
import { Student } from './student.ts'

const IS_KEPT =
  'Null if there is none, or if the setting `OPTIONAL_STUDENT_FIELDS` does not name it. Cost: none.'

builder.objectFields(Student, (t) => ({
  preferredName: t.field({
    directives: PII,
    type: NameDetails,
    nullable: true,
    description: `The name that the student goes by. ${IS_KEPT}`,
    resolve: ({ record: { preferredName } }) => preferredName && new PersonNameView(preferredName),
  }),
  homeLanguage: t.string({
    directives: PII,
    nullable: true,
    description: `The language at the home of the student, in Clever's word, such as "Spanish". ${IS_KEPT}`,
    resolve: ({ record }) => record.homeLanguage,
  }),
}))
