const ENTRY = 'contactId studentId relationshipRaw typeRaw'

/** What a guardian's page shows, and a student who may not be the guardian's. */
export const FAMILY = `query Family($contact: ID!, $student: ID!) {
  contact(id: $contact) {
    __typename id displayName email { raw }
    relationships {
      ${ENTRY}
      student {
        __typename id displayName
        relationships { ${ENTRY} contact { __typename id displayName phone { raw } } }
      }
    }
  }
  student(id: $student) {
    __typename id displayName
    relationships { ${ENTRY} contact { __typename id displayName } }
  }
  students(first: 10) { nodes { __typename id displayName } }
}`

export const CONTACT = `query Contact($id: ID!) {
  contact(id: $id) {
    __typename id displayName
    relationships { ${ENTRY} student { __typename id displayName } }
  }
}`

export const PAGE = `query Page($after: String) {
  contacts(first: 25, after: $after) {
    pageInfo { endCursor hasNextPage }
    nodes { __typename id displayName relationships { ${ENTRY} student { __typename id displayName } } }
  }
}`

export const SEARCH = `query Search($text: String!) {
  contacts(first: 10, filter: { search: $text }) {
    nodes { __typename id displayName relationships { ${ENTRY} } }
  }
}`

export const ENTITIES = `query Entities($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Student { id displayName relationships { ${ENTRY} contact { __typename id displayName } } }
    ... on Contact { id displayName relationships { ${ENTRY} } }
  }
}`

export const CHANGES = `subscription Changes($district: ID, $after: ID) {
  contactChanges(districtId: $district, afterEventId: $after) {
    eventId kind contactId contact { __typename id displayName relationships { ${ENTRY} } }
  }
}`

const many = (count: number, text: string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${text}`).join(' ')

const REFUSED_BY_PARSER = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_REQUEST']

/** Bodies made to cost much, with the codes of which the refusal must have one. */
export const HOSTILE: readonly { readonly body: string; readonly codes: readonly string[] }[] = [
  { body: query(`{ ${many(1_100, '__typename')} }`), codes: ['QUERY_TOO_COMPLEX'] },
  {
    body: query(`{ ${many(900, 'contact(id: "5") { id }')} }`),
    codes: ['QUERY_TOO_COMPLEX', 'GRAPHQL_PARSE_FAILED'],
  },
  { body: query(`{ ${many(400, '__schema { types { name } }')} }`), codes: ['QUERY_TOO_COMPLEX'] },
  { body: query('{a'.repeat(20_000) + '}'.repeat(20_000)), codes: REFUSED_BY_PARSER },
  { body: query(`{ __typename ${'a '.repeat(40_000)} }`), codes: REFUSED_BY_PARSER },
  { body: query(`{ __typename ${'@skip(if: false) '.repeat(2_000)} }`), codes: REFUSED_BY_PARSER },
  {
    body: query('{ contacts(first: 100000) { nodes { id } } }'),
    codes: ['BAD_USER_INPUT', 'QUERY_TOO_COMPLEX'],
  },
  { body: `[${query('{ __typename }')},${query('{ __typename }')}]`, codes: ['BAD_REQUEST'] },
  { body: '{"query":"{ __typename }', codes: ['BAD_REQUEST'] },
  { body: 'x'.repeat(200_000), codes: ['PAYLOAD_TOO_LARGE'] },
]

function query(text: string): string {
  return JSON.stringify({ query: text })
}
