import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AppCredentials } from '../api/oauth.ts'
import type { CallLog } from '../call-log.ts'
import type { Faults } from '../faults.ts'
import type { PersonTokens } from '../person-tokens.ts'
import type { SandboxDistrict } from '../roster/district.ts'
import { UnknownRecordError } from '../roster/roster.ts'
import { countCalls, readCalls } from './calls.ts'
import { districtActions } from './district-actions.ts'
import { readFault } from './fault-input.ts'
import { BadInputError, type Fields, readFields, readQuery, requiredSeconds } from './input.ts'

/** The sandbox's own paths, for a person at curl or a benchmark. They are neither limited nor logged. */
export interface Control {
  isFor(request: IncomingMessage): boolean
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export interface Controlled {
  readonly app: AppCredentials
  readonly districts: readonly SandboxDistrict[]
  readonly calls: CallLog
  readonly faults: Faults
  readonly tokens: PersonTokens
}

type Action = (fields: Fields) => unknown

const root = '/_sandbox'
const done = { done: true }

export function createControl(controlled: Controlled): Control {
  const actions = createActions(controlled)
  return {
    isFor: ({ url = '/' }) => url === root || url.startsWith(`${root}/`) || url.startsWith(`${root}?`),
    async answer(request, response) {
      const [path = root, query = ''] = (request.url ?? root).split('?', 2)
      try {
        const action = actions.get(`${request.method} ${path.replace(/\/$/, '')}`)
        if (!action) throw new UnknownRecordError('no such path; GET /_sandbox lists them')
        const fields = request.method === 'GET' ? readQuery(query) : readFields(await text(request))
        reply(response, 200, (await action(fields)) ?? done)
      } catch (error) {
        reply(response, statusOf(error), { message: messageOf(error) })
      }
    },
  }
}

function createActions(controlled: Controlled): Map<string, Action> {
  const { calls, faults, districts, tokens } = controlled
  const actions: Map<string, Action> = new Map<string, Action>([
    [`GET ${root}`, () => overview(controlled, [...actions.keys()])],
    [`GET ${root}/tokens`, () => Object.fromEntries(tokens)],
    [`POST ${root}/tokens`, (fields) => tokens.sign?.(requiredSeconds(fields, 'seconds')) ?? {}],
    [`GET ${root}/calls`, () => readCalls(calls)],
    [`GET ${root}/calls/count`, (fields) => countCalls(calls, fields)],
    [`DELETE ${root}/calls`, () => calls.reset()],
    [`POST ${root}/faults`, (fields) => void faults.add(readFault(fields))],
    [`DELETE ${root}/faults`, () => faults.clear()],
  ])
  for (const district of districts) {
    for (const [name, act] of Object.entries(districtActions)) {
      actions.set(`POST ${root}/districts/${district.id}/${name}`, (fields) => act(district, fields))
    }
  }
  return actions
}

function overview({ app, districts }: Controlled, paths: readonly string[]) {
  const described = districts.map(({ id, name, token, students, contacts }) => ({
    id,
    name,
    token,
    students: students.length,
    contacts: contacts.length,
  }))
  return { is: 'a stand-in for Clever with invented people', app, districts: described, paths }
}

function statusOf(error: unknown): number {
  if (error instanceof BadInputError) return 400
  return error instanceof UnknownRecordError ? 404 : 500
}

function reply(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(`${JSON.stringify(body, null, 2)}\n`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
