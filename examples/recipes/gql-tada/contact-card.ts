import { type FragmentOf, type ResultOf, readFragment } from 'gql.tada'
import { graphql } from './graphql.ts'

export const RelationshipLine = graphql(`
  fragment RelationshipLine on StudentRelationship {
    id
    relationship
    relationshipRaw
    privileges
    student { id displayName }
  }
`)

export const ContactCard = graphql(
  `
    query ContactCard($id: ID!) {
      contact(id: $id) {
        id
        displayName
        phone { national e164 }
        relationships { id ...RelationshipLine }
      }
    }
  `,
  [RelationshipLine],
)

type Relationship = ResultOf<typeof RelationshipLine>['relationship']

/** Enums are open: a gateway that is newer than these types can send other values. */
const LABELS: Partial<Record<NonNullable<Relationship>, string>> = {
  PARENT: 'Parent',
  GRANDPARENT: 'Grandparent',
  AUNT_UNCLE: 'Aunt or uncle',
  SIBLING: 'Sibling',
  SELF: 'The student',
}

/** What the contact is to one student, such as "Aunt or uncle of Naomi H Whitfield". */
export function describeRelationship(line: FragmentOf<typeof RelationshipLine>): string {
  const { relationship, relationshipRaw, student } = readFragment(RelationshipLine, line)
  const label = (relationship && LABELS[relationship]) ?? relationshipRaw ?? 'Contact'
  return `${label} of ${student?.displayName ?? 'a student who is not shared'}`
}
