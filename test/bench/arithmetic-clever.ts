import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, failure, json, notFound } from '../../src/sandbox/api/answer.ts'
import { credentials, type Incoming, readIncoming } from '../../src/sandbox/api/ask.ts'
import { deliver } from '../../src/sandbox/api/deliver.ts'
import { apiHeaders } from '../../src/sandbox/api/headers.ts'
import { type Latency, latencyMs } from '../../src/sandbox/api/latency.ts'
import { countAnswer, listAnswer } from '../../src/sandbox/api/page.ts'
import { createRateLimiter } from '../../src/sandbox/api/rate-limit.ts'
import { createCallLog } from '../../src/sandbox/call-log.ts'
import { readCalls } from '../../src/sandbox/control/calls.ts'
import { listen } from '../../src/sandbox/listen.ts'
import { type ArithmeticDistrict, createArithmeticDistrict, type Person } from './arithmetic-people.ts'
import { createRows, type Rows, record, schools } from './arithmetic-rows.ts'

/**
 * Clever with districts of any size, which keeps no user: it starts at once, and a page of 10,000 takes it some 20 ms.
 * Nothing changes, and the events feed is empty. It reads the sandbox's invented people with other ids, e-mails, phones
 * and numbers. Settings: PORT; RECORDS: the students and contacts of each district, such as `6000,100000`; LATENCY: `none`, or
 * `clever` to answer as fast as Clever does.
 */

/** A client that is busy with a page for long may still use its connection. */
const KEEP_ALIVE_MS = 60_000

interface Served extends ArithmeticDistrict, Rows {
  readonly token: string
}

/** Starts one on a free port unless `port` is given. */
export async function serveArithmeticClever(
  records: readonly number[],
  { port = 0, latency = 'none' }: { readonly port?: number; readonly latency?: Latency } = {},
) {
  const districts = records.map((size, number): Served => {
    const district = createArithmeticDistrict(number, size)
    return { ...district, ...createRows(district), token: `token-of-${district.id}` }
  })
  const calls = createCallLog()
  const limiter = createRateLimiter(1_200, Date.now)

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
    const arrivedAt = performance.now()
    const call = readIncoming(request)
    if (call.path.startsWith('/_sandbox')) {
      if (call.method === 'DELETE') calls.reset()
      const overview = { districts: districts.map(({ id, token }) => ({ id, token })) }
      const answer = json(call.path.endsWith('/calls') ? readCalls(calls) : overview)
      deliver(response, answer)
      return
    }
    const token = credentials(call, 'Bearer')
    const district = districts.find((each) => each.token === token)
    const quota = limiter.take(token)
    const { method, path, search } = call
    const logged = calls.arrived(
      { method, path, query: search, at: Date.now(), districtId: district?.id },
      quota.inWindow,
    )
    response.once('close', logged.left)
    const answer = district === undefined ? failure(401, 'Unauthorized') : answerOf(call, district)
    const leftMs = latencyMs(latency, answer.effort) - (performance.now() - arrivedAt)
    if (leftMs > 0) await wait(leftMs)
    const headers = { ...quota.headers, ...apiHeaders(path, answer.body, 0), ...answer.headers }
    logged.answered(deliver(response, { ...answer, headers }))
  })
  return { districts, ...(await listen(server, port)) }
}

function answerOf(call: Incoming, district: Served): Answer {
  const ask = { ...call, maxRows: Number.POSITIVE_INFINITY }
  const { students, contacts, row } = district
  const [, resource, id = '', related] =
    /^\/v3\.1\/([a-z]+)(?:\/([^/]+)(?:\/([a-z]+))?)?$/i.exec(call.path) ?? []

  if (resource === 'users' && id === '') {
    const people = ask.query.get('role') === 'student' ? students : contacts
    return countAnswer(ask, people.length) ?? listAnswer(ask, people, { kind: 'list', row })
  }
  if (resource === 'users') {
    const person = students.of(id) ?? contacts.of(id)
    if (person === undefined) return notFound
    if (related === undefined) return singleOf(row(person))
    const people = person.role === 'student' ? district.contactsOf(person) : district.studentsOf(person)
    return listAnswer(ask, people.toSorted(byId), { kind: 'list', row })
  }
  if (resource === 'districts') return json({ data: { ...record, id: district.id }, links: [] })
  if (resource === 'schools') return json({ data: schools.map((school) => ({ data: school })), links: [] })
  if (resource === 'events') return json({ data: [], links: [{ rel: 'self', uri: `${call.path}?` }] })
  return notFound
}

/** The row of a list as an answer. */
function singleOf(row: Buffer): Answer {
  const { data, uri } = JSON.parse(row.toString()) as { data: unknown; uri: string }
  return json({ data, links: [{ rel: 'self', uri }] })
}

function byId(a: Person, b: Person): number {
  return a.id < b.id ? -1 : 1
}

if (import.meta.main) {
  const { PORT = '', RECORDS = '', LATENCY = '' } = process.env
  const latency = LATENCY === 'clever' ? 'clever' : 'none'
  await serveArithmeticClever(RECORDS.split(',').map(Number), { port: Number(PORT), latency })
}
