/** What the servers beside the gateway know of the graph: the fields that the benchmarks ask for. */
export const TYPE_DEFS = /* GraphQL */ `
  scalar _Any
  union _Entity = Student | Contact

  type Query {
    contact(id: ID!, districtId: ID): Contact
    student(id: ID!, districtId: ID): Student
    contacts(first: Int! = 25, after: String, districtId: ID): ContactConnection!
    _entities(representations: [_Any!]!): [_Entity]!
  }
  type ContactConnection {
    pageInfo: PageInfo!
    nodes: [Contact!]!
  }
  type PageInfo {
    hasNextPage: Boolean!
    endCursor: String
  }
  type Contact {
    id: ID!
    displayName: String
    email: String
    phone: Phone
    relationships: [StudentRelationship!]!
  }
  type Phone {
    raw: String!
  }
  type Student {
    id: ID!
    displayName: String
    relationships: [StudentRelationship!]!
  }
  type StudentRelationship {
    relationshipRaw: String
    contact: Contact!
    studentId: ID!
    student: Student
  }
`

export interface Representation {
  readonly __typename: string
  readonly id: string
}
