import type { ResultOf } from '../graphql/graphql.ts'
import type { RelationshipFields } from './contact-fields.ts'
import { privilegeText, relationshipText, typeText } from './words.ts'

/** What the contact is to one student, and what that permits. */
export function RelationshipEntry({ entry }: { entry: ResultOf<typeof RelationshipFields> }) {
  const { student, type, typeRaw, relationshipIsInferred, relationshipRaw } = entry
  const grade = student?.grade && `Grade ${student.grade}`
  const facts = [typeText(type, typeRaw), grade, student?.school?.name].filter(Boolean)
  return (
    <li>
      <h4>{relationshipText(entry)}</h4>
      <p className="quiet">{facts.join(' · ')}</p>
      {relationshipIsInferred && <p className="quiet">The district wrote “{relationshipRaw}”.</p>}
      <Privileges privileges={entry.privileges} student={student?.displayName ?? 'the student'} />
    </li>
  )
}

function Privileges({ privileges, student }: { privileges: readonly string[] | null; student: string }) {
  if (privileges === null) return <p className="problem">The privileges are not known at the moment.</p>
  if (privileges.length === 0) return <p className="none">No privileges for {student}</p>
  return (
    <ul className="privileges" aria-label={`Privileges for ${student}`}>
      {privileges.map((privilege) => (
        <li key={privilege} className="privilege">
          {privilegeText(privilege)}
        </li>
      ))}
    </ul>
  )
}
