import { PersonNameView } from '../src/view/profile.ts'
import { builder, PII } from './builder.ts'
import { NameDetails } from './name-details.ts'
import { Student } from './student.ts'

const IS_KEPT =
  'Null unless the setting `OPTIONAL_STUDENT_FIELDS` names it: without that the gateway does not keep it. Cost: none.'

builder.objectFields(Student, (t) => ({
  preferredName: t.field({
    directives: PII,
    type: NameDetails,
    nullable: true,
    description: `The name that the student goes by, as far as the district gives one. ${IS_KEPT}`,
    resolve: ({ record: { preferredName } }) => preferredName && new PersonNameView(preferredName),
  }),
  homeLanguage: t.string({
    directives: PII,
    nullable: true,
    description: `The language that is spoken at the home of the student, in Clever's word, such as "Spanish". ${IS_KEPT}`,
    resolve: ({ record }) => record.homeLanguage,
  }),
}))
