import './scalars.ts'
import './student.ts'
import './contact.ts'
import './student-relationship.ts'
import './district.ts'
import './optional-student-fields.ts'
import './school.ts'
import './legacy-ids.ts'
import './contact-report.ts'
import './contact-access.ts'
import './contacts-viewer.ts'
import './contact-changes.ts'
import { builder } from './builder.ts'
import { withPrivileges } from './contact-privilege.ts'
import { schemaDirectives } from './federation.ts'
import { withFederationVersion } from './federation-version.ts'

// Imported here, because the order of these imports is the order of the types in the schema.
export { withFederationVersion, withPrivileges }

/** With the privileges of the default policy. */
export const schema = builder.toSchema({ schemaDirectives, sortSchema: false })

schema.description =
  'The students of school districts, their contacts, and the relationship of each contact to each student. Begin with `contact`, `student` or `contacts`.'
