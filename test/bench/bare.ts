import { createServer } from 'node:http'
import { parse } from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { createSchema } from 'graphql-yoga'
import {
  type CleverUser,
  displayNameOf,
  emailOf,
  entriesOf,
  phoneOf,
  readAll,
  readPage,
  relationshipRawOf,
} from './clever-user.ts'
import { type Representation, TYPE_DEFS } from './type-defs.ts'

/**
 * The least that a GraphQL server in Node can do, for `warm.ts` to compare with: `node:http` and graphql-jit over plain
 * objects in the shape of the types. It checks no token, decides nothing, writes no audit and no log, and limits nothing.
 * It reads a district once, at the start. Settings: CLEVER_API_URL, CLEVER_TOKEN, PORT.
 */

interface Student {
  readonly __typename: 'Student'
  readonly id: string
  readonly displayName: string | undefined
  readonly relationships: Relationship[]
}

interface Contact {
  readonly __typename: 'Contact'
  readonly id: string
  readonly displayName: string | undefined
  readonly email: string | null
  readonly phone: { readonly raw: string } | null
  readonly relationships: readonly Relationship[]
}

interface Relationship {
  readonly relationshipRaw: string | null
  readonly contact: Contact
  readonly studentId: string
  readonly student: Student | undefined
}

const { CLEVER_API_URL = '', CLEVER_TOKEN = '', PORT = '' } = process.env

const read = (path: string) => readPage(CLEVER_API_URL, CLEVER_TOKEN, path)
const students = new Map((await readAll(read, 'student')).map((user) => [user.id, studentOf(user)]))
const contacts = (await readAll(read, 'contact')).map(contactOf)
const contactById = new Map(contacts.map((contact) => [contact.id, contact]))
const placeOf = new Map(contacts.map(({ id }, place) => [id, place]))

function studentOf(user: CleverUser): Student {
  return { __typename: 'Student', id: user.id, displayName: displayNameOf(user), relationships: [] }
}

/** Adds the relationships to the students too. */
function contactOf(user: CleverUser): Contact {
  const relationships: Relationship[] = []
  const { id } = user
  const shown = { displayName: displayNameOf(user), email: emailOf(user), phone: phoneOf(user) }
  const contact: Contact = { __typename: 'Contact', id, ...shown, relationships }
  for (const entry of entriesOf(user)) {
    const student = students.get(entry.student)
    const relationshipRaw = relationshipRawOf(entry)
    const relationship = { relationshipRaw, contact, studentId: entry.student, student }
    relationships.push(relationship)
    student?.relationships.push(relationship)
  }
  return contact
}

function pageOf(first: number, after: string | null | undefined) {
  const from = after == null ? 0 : (placeOf.get(after) ?? contacts.length) + 1
  const nodes = contacts.slice(from, from + first)
  const hasNextPage = from + first < contacts.length
  return { nodes, pageInfo: { hasNextPage, endCursor: nodes.at(-1)?.id } }
}

const schema = createSchema({
  typeDefs: TYPE_DEFS,
  resolvers: {
    Query: {
      contact: (_query, { id }: { id: string }) => contactById.get(id),
      student: (_query, { id }: { id: string }) => students.get(id),
      contacts: (_query, { first, after }: { first: number; after?: string | null }) => pageOf(first, after),
      _entities: (_query, { representations }: { representations: Representation[] }) =>
        representations.map(({ __typename, id }) =>
          __typename === 'Student' ? students.get(id) : contactById.get(id),
        ),
    },
    _Entity: { __resolveType: ({ __typename }: Student | Contact) => __typename },
  },
})

const compiled = new Map<string, CompiledQuery>()

function compile(query: string): CompiledQuery {
  const made = compileQuery(schema, parse(query), '')
  if (!isCompiledQuery(made)) throw new Error('graphql-jit does not compile this query')
  compiled.set(query, made)
  return made
}

function answer(body: string): unknown {
  const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> }
  return (compiled.get(query) ?? compile(query)).query(undefined, undefined, variables)
}

/** A request with a body is a GraphQL request, any other a health check. */
createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => {
    const text = body === '' ? '{"status":"up"}' : JSON.stringify(answer(body))
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    response.writeHead(200, headers)
    response.end(text)
  })
}).listen(Number(PORT), '127.0.0.1')
