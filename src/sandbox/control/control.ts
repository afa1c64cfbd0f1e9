import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AppCredentials } from '../api/oauth.ts'
import type { CallLog } from '../call-log.ts'
import type { Faults } from '../faults.ts'
import type { SandboxDistrict } from '../roster/district.ts'
import { UnknownRecordError } from '../roster/roster.ts'
import { readFault } from './fault-input.ts'
import { BadInputError, districtActions, type Fields, readFields } from './input.ts'

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
}

const root = '/_sandbox'
type Action = (input: () => Promise<Fields>) => unknown

export function createControl(controlled: Controlled): Control {
  const { calls, faults, districts } = controlled
  const actions: Record<string, Action> = {
    'GET ': () => overview(controlled, Object.keys(actions)),
    'GET /calls': () => ({
      count: calls.count(),
      highestConcurrency: calls.highestConcurrency(),
      busiestWindow: calls.busiestWindow(),
      calls: calls.all(),
    }),
    'DELETE /calls': () => calls.reset(),
    'POST /faults': async (input) => {
      faults.add(readFault(await input()))
    },
    'DELETE /faults': () => faults.clear(),
  }
  for (const [name, act] of Object.entries(districtActions)) {
    actions[`POST /districts/{id}/${name}`] = async (input) => act(...(await withDistrict(districts, input)))
  }

  return {
    isFor: ({ url = '/' }) => url === root || url.startsWith(`${root}/`) || url.startsWith(`${root}?`),
    async answer(request, response) {
      const path = (request.url ?? '')
        .slice(root.length)
        .replace(/[?].*$/, '')
        .replace(/\/$/, '')
      const [, districtId] = /^\/districts\/([^/]+)\//.exec(path) ?? []
      const action = actions[`${request.method} ${districtId ? path.replace(districtId, '{id}') : path}`]
      const input = async () => ({
        ...readFields(await text(request)),
        ...(districtId ? { districtId } : {}),
      })
      await send(response, () =>
        action ? action(input) : Promise.reject(new UnknownRecordError('no such path')),
      )
    },
  }
}

async function withDistrict(districts: readonly SandboxDistrict[], input: () => Promise<Fields>) {
  const fields = await input()
  const district = districts.find(({ id }) => id === fields.districtId)
  if (!district) throw new UnknownRecordError(`no district ${fields.districtId}`)
  return [district, fields] as const
}

async function send(response: ServerResponse, act: () => unknown): Promise<void> {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    response.end(`${JSON.stringify(body, null, 2)}\n`)
  }
  try {
    reply(200, (await act()) ?? { done: true })
  } catch (error) {
    if (error instanceof BadInputError) reply(400, { message: error.message })
    else if (error instanceof UnknownRecordError) reply(404, { message: error.message })
    else throw error
  }
}

function overview({ app, districts }: Controlled, paths: readonly string[]) {
  return {
    is: 'a stand-in for Clever with invented people',
    app,
    districts: districts.map(({ id, name, token, students, contacts }) => ({
      id,
      name,
      token,
      students: students.length,
      contacts: contacts.length,
    })),
    paths: paths.map((path) => path.replace(' ', ` ${root}`)),
  }
}
