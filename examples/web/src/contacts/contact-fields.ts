import { graphql } from '../graphql/graphql.ts'

/** A line of the list. */
export const ContactRowFields = graphql(`
  fragment ContactRowFields on Contact @_unmask {
    id
    districtId
    displayName
    relationships {
      id
      districtId
      relationship
      relationshipRaw
      student {
        id
        districtId
        displayName
      }
    }
  }
`)

/** The relationship of one pair, with what it permits. */
export const RelationshipFields = graphql(`
  fragment RelationshipFields on StudentRelationship @_unmask {
    id
    districtId
    relationship
    relationshipIsInferred
    relationshipRaw
    type
    typeRaw
    privileges
    student {
      id
      districtId
      displayName
      grade
      school {
        id
        name
      }
    }
  }
`)

/** Everything on a card. */
export const ContactCardFields = graphql(
  `
    fragment ContactCardFields on Contact @_unmask {
      id
      districtId
      displayName
      email {
        raw
        address
      }
      phone {
        raw
        national
        e164
      }
      relationships {
        ...RelationshipFields
      }
    }
  `,
  [RelationshipFields],
)
