import { createServer } from 'node:http'
import DataLoader from 'dataloader'
import { createSchema, createYoga } from 'graphql-yoga'
import { Pool } from 'undici'
import {
  type CleverEntry,
  type CleverPage,
  type CleverUser,
  displayNameOf,
  emailOf,
  entriesOf,
  phoneOf,
  relationshipRawOf,
} from './clever-user.ts'
import { type Representation, TYPE_DEFS } from './type-defs.ts'

/**
 * The textbook way to put GraphQL in front of Clever, for `upstream.ts` and `warm.ts` to compare with: each request has a
 * DataLoader for each kind of record, which asks for each id once and for all ids side by side. No request keeps anything
 * for the next. Settings: CLEVER_API_URL, PORT.
 */

interface Relationship {
  readonly contact: CleverUser
  readonly entry: CleverEntry
}

type Loaders = ReturnType<typeof createLoaders>

const { CLEVER_API_URL = '', PORT = '' } = process.env

const pool = new Pool(CLEVER_API_URL, { connections: 64, pipelining: 1 })

/** `authorization` is that of the client, passed on. */
function createLoaders(authorization: string) {
  /** Undefined for 404. */
  async function get<Answer>(path: string): Promise<Answer | undefined> {
    const headers = { authorization, accept: 'application/json' }
    const { statusCode, body } = await pool.request({ path: `/v3.1${path}`, method: 'GET', headers })
    if (statusCode === 200) return (await body.json()) as Answer
    await body.dump()
    if (statusCode === 404) return undefined
    throw new Error(`Clever answered ${statusCode}`)
  }
  async function readUser(id: string): Promise<CleverUser | undefined> {
    return (await get<{ data: CleverUser }>(`/users/${id}`))?.data
  }
  async function readUsers(path: string): Promise<readonly CleverUser[]> {
    const page = await get<CleverPage>(path)
    return page?.data.map(({ data }) => data) ?? []
  }

  const user = new DataLoader((ids: readonly string[]) => Promise.all(ids.map(readUser)))
  const contactsOf = new DataLoader((ids: readonly string[]) =>
    Promise.all(ids.map((id) => readUsers(`/users/${id}/mycontacts?limit=1000`))),
  )
  return {
    contactsOf,
    async contact(id: string) {
      const found = await user.load(id)
      return found?.roles.contact && found
    },
    async student(id: string) {
      const found = await user.load(id)
      return found?.roles.student && found
    },
    /** One more than asked for shows whether there is a next page. */
    async contactPage(first: number, after: string | null | undefined) {
      const query = new URLSearchParams({ role: 'contact', limit: String(first + 1) })
      if (after != null) query.set('starting_after', after)
      const users = await readUsers(`/users?${query}`)
      return { nodes: users.slice(0, first), hasNextPage: users.length > first }
    },
  }
}

function relationshipsOf(contact: CleverUser): readonly Relationship[] {
  return entriesOf(contact).map((entry) => ({ contact, entry }))
}

const schema = createSchema<{ loaders: Loaders }>({
  typeDefs: TYPE_DEFS,
  resolvers: {
    Query: {
      contact: (_query, { id }: { id: string }, { loaders }) => loaders.contact(id),
      student: (_query, { id }: { id: string }, { loaders }) => loaders.student(id),
      contacts: (_query, { first, after }: { first: number; after?: string | null }, { loaders }) =>
        loaders.contactPage(first, after),
      _entities: (_query, { representations }: { representations: Representation[] }, { loaders }) =>
        representations.map(({ __typename, id }) =>
          __typename === 'Student' ? loaders.student(id) : loaders.contact(id),
        ),
    },
    _Entity: {
      __resolveType: ({ roles }: CleverUser) => (roles.student ? 'Student' : 'Contact'),
    },
    ContactConnection: {
      pageInfo: ({ nodes, hasNextPage }: { nodes: readonly CleverUser[]; hasNextPage: boolean }) => ({
        hasNextPage,
        endCursor: nodes.at(-1)?.id,
      }),
    },
    Contact: {
      displayName: displayNameOf,
      email: emailOf,
      phone: phoneOf,
      relationships: relationshipsOf,
    },
    Student: {
      displayName: displayNameOf,
      async relationships({ id }: CleverUser, _args: object, { loaders }) {
        const contacts = await loaders.contactsOf.load(id)
        return contacts.flatMap(relationshipsOf).filter(({ entry }) => entry.student === id)
      },
    },
    StudentRelationship: {
      relationshipRaw: ({ entry }: Relationship) => relationshipRawOf(entry),
      studentId: ({ entry }: Relationship) => entry.student,
      student: ({ entry }: Relationship, _args: object, { loaders }) => loaders.student(entry.student),
    },
  },
})

const yoga = createYoga({
  schema,
  context: ({ request }) => ({ loaders: createLoaders(request.headers.get('authorization') ?? '') }),
  landingPage: false,
  graphiql: false,
  logging: 'warn',
})

createServer(yoga).listen(Number(PORT), '127.0.0.1')
