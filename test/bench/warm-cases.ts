import { ask, type Question } from './graphs.ts'
import type { Representation } from './type-defs.ts'
import type { Claims, Server, ServerName } from './warm-servers.ts'

/** A GraphQL request and its viewer. */
export interface Asked extends Question {
  readonly viewer: Claims
}

export interface Case {
  readonly id: number
  readonly title: string
  readonly connections: number
  /** Servers that can answer it: the textbook and the bare server know no viewers. */
  readonly servers: readonly ServerName[]
  /** The requests, in turn. Cursors are those of the server. */
  questionsFor(server: Server): Promise<readonly Asked[]>
}

export interface District {
  readonly studentIds: readonly string[]
  readonly contactIds: readonly string[]
  /** Contacts who, as guardians, see all of their own record. */
  readonly guardianIds: readonly string[]
}

export const VIEWERS = 300
const ALL: readonly ServerName[] = ['gateway', 'textbook', 'bare']
const POINTS = 32
const PAGES = 8
const PAGE_SIZE = 100
/** Of each type, in one request. */
const ENTITIES = 50
const ALIASES = 4

const CONTACT = `query ($id: ID!) {
  contact(id: $id) { id displayName phone { raw } relationships { relationshipRaw student { displayName } } }
}`
const STUDENT = `query ($id: ID!) {
  student(id: $id) { id displayName relationships { relationshipRaw contact { displayName phone { raw } } } }
}`
const PAGE = `query ($first: Int!, $after: String) {
  contacts(first: $first, after: $after) {
    pageInfo { hasNextPage }
    nodes { id displayName phone { raw } relationships { relationshipRaw student { displayName } } }
  }
}`
const CURSOR = `query ($first: Int!, $after: String) {
  contacts(first: $first, after: $after) { pageInfo { hasNextPage endCursor } }
}`
const OWN = `query {
  contactsViewer { contacts { id displayName phone { raw } relationships { relationshipRaw student { displayName } } } }
}`
const ENTITY = `... on Student { displayName relationships { relationshipRaw contact { displayName } } }
    ... on Contact { displayName phone { raw } entries: relationships { studentId relationshipRaw } }`
const MANY = `query ($all: [_Any!]!) { _entities(representations: $all) { ${ENTITY} } }`
const NAMES = Array.from({ length: ALIASES }, (_, index) => `part${index}`)
const ALIASED = `query (${NAMES.map((name) => `$${name}: [_Any!]!`).join(', ')}) {
  ${NAMES.map((name) => `${name}: _entities(representations: $${name}) { ${ENTITY} }`).join('\n  ')}
}`

const service = (n: number): Claims => ({
  clever_kind: 'service',
  sub: `bench-${n}`,
  scope: 'students:read contacts:read',
  clever_district_ids: '*',
})
export const SERVICE = service(0)
export const guardian = (id: string): Claims => ({ clever_kind: 'guardian', clever_contact_ids: [id] })

export function casesOf({ studentIds, contactIds, guardianIds }: District): readonly Case[] {
  const points = (query: string, ids: readonly string[], viewer: (id: string) => Claims) => ({
    connections: POINTS,
    servers: ALL,
    questionsFor: async () => ids.map((id) => ({ query, variables: { id }, viewer: viewer(id) })),
  })
  const many = (asked: (all: readonly Representation[]) => Question, viewer: (n: number) => Claims) => ({
    connections: PAGES,
    servers: ALL,
    questionsFor: async () =>
      Array.from({ length: VIEWERS }, (_, n) => ({
        ...asked([...nth(studentIds, 'Student', n), ...nth(contactIds, 'Contact', n)]),
        viewer: viewer(n),
      })),
  })
  const asGuardian = (n: number) => guardian(guardianIds[n % guardianIds.length] ?? '')
  const title = `${2 * ENTITIES} entities`
  const gatewayOnly = { servers: ['gateway'] } as const
  return [
    { id: 1, title: 'One contact', ...points(CONTACT, contactIds, () => SERVICE) },
    {
      id: 2,
      title: `Page of ${PAGE_SIZE} contacts`,
      connections: PAGES,
      servers: ALL,
      questionsFor: askPages,
    },
    { id: 3, title: 'One student', ...points(STUDENT, studentIds, () => SERVICE) },
    { id: 4, title, ...many(together, service) },
    { id: 5, title: `${title}, ${ALIASES} aliases`, ...many(aliased, service) },
    { id: 6, title: "A guardian's own record", ...points(CONTACT, guardianIds, guardian) },
    { id: 7, title: 'The same as a service', ...points(CONTACT, guardianIds, () => SERVICE) },
    { id: 8, title: 'The same by `contactsViewer`', ...points(OWN, guardianIds, guardian), ...gatewayOnly },
    { id: 9, title: `${title} as a guardian`, ...many(together, asGuardian), ...gatewayOnly },
  ]
}

/** The question by which `contact` is asked for in cases 1, 6 and 7. */
export function aboutContact(id: string, viewer: Claims): Asked {
  return { query: CONTACT, variables: { id }, viewer }
}

function together(all: readonly Representation[]): Question {
  return { query: MANY, variables: { all } }
}

function aliased(all: readonly Representation[]): Question {
  const size = all.length / ALIASES
  const variables = NAMES.map((name, index) => [name, all.slice(index * size, (index + 1) * size)])
  return { query: ALIASED, variables: Object.fromEntries(variables) }
}

function nth(ids: readonly string[], __typename: string, n: number): readonly Representation[] {
  const id = (place: number) => ids[(n * ENTITIES + place) % ids.length] ?? ''
  return Array.from({ length: ENTITIES }, (_, place) => ({ __typename, id: id(place) }))
}

interface PageInfo {
  readonly contacts: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

/** All pages. */
async function askPages(server: Server): Promise<readonly Asked[]> {
  const headers = await server.headersOf(SERVICE)
  const asked: Asked[] = []
  for (let after: string | null = null; ; ) {
    const variables: Question['variables'] = { first: PAGE_SIZE, after }
    asked.push({ query: PAGE, variables, viewer: SERVICE })
    const { contacts }: PageInfo = await ask(
      { ...server, headers: () => headers },
      { query: CURSOR, variables },
    )
    if (!contacts.pageInfo.hasNextPage) return asked
    after = contacts.pageInfo.endCursor
  }
}
