import { type Program, startProgram } from './program.ts'

/** The first district of every sandbox. */
const DISTRICT = '6385008f69df036e83e984a3'
/** Contacts and students of the documented family. */
export const AARON = '63850203bfb8460546071ef6'
export const JONAH = '63850203bfb8460546071e6e'
export const NAOMI = '63850203bfb8460546071e62'
/** More than three pages of 50. */
export const CONTACT_COUNT = 162

interface Pair {
  readonly id: string
  readonly contactId: string
  readonly studentId: string
}

interface Contact {
  readonly id: string
  readonly phone: { readonly e164: string; readonly national: string }
  readonly relationships: readonly Pair[]
}

/** What the tests ask for. */
interface Answer {
  readonly contact: Contact
  readonly contacts: {
    readonly nodes: readonly Contact[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
  }
}

/** The gateway on its sandbox, as `npm start` runs it, on free ports. */
export interface Gateway extends AsyncDisposable {
  /** The address of the GraphQL endpoint. */
  readonly url: string
  /** The token of a service. */
  readonly token: string
  /** The token of Aaron, a guardian. */
  readonly guardianToken: string
  /** A token of the service that expires after so many seconds. */
  tokenFor(seconds: number): Promise<string>
  /** Runs an action of the sandbox on its first district, such as `end-relationship`. */
  act(action: string, fields?: object): Promise<void>
  /** Ends all relationships of the pair and syncs, so that one change of the contact is reported. */
  endRelationship(contactId: string, studentId: string): Promise<void>
  /** The number of open subscriptions. */
  openStreams(): Promise<number>
  /** The ids of all contacts, read page by page without any client. */
  contactIds(): Promise<readonly string[]>
  /** The whole answer to a query, with its extensions. */
  answer(query: string): Promise<object>
  /** The data of an answer, read without any client. */
  ask(query: string, variables?: object): Promise<Answer>
}

export async function startGateway(): Promise<Gateway> {
  const { found, stop } = await startProgram(
    [],
    {
      PORT: '0',
      AUDIT: 'off',
      WARM: 'eager',
      EVENTS_INTERVAL_MS: '1000',
      EVENTS_LAG_MS: '1000',
      SANDBOX_STUDENTS: '120',
    },
    /"port":(\d+)[\s\S]*?(http:\S+)\/_sandbox lists/,
  )
  const [, port, sandbox] = found
  const url = `http://localhost:${port}/graphql`
  const tokens = await (await fetch(`${sandbox}/_sandbox/tokens`)).json()
  const { service, guardian } = tokens as { service: string; guardian: string }

  async function answer(query: string, variables: object = {}) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${service}` }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    return response.json()
  }

  async function ask(query: string, variables: object = {}): Promise<Answer> {
    const { data, errors } = await answer(query, variables)
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }

  return {
    url,
    token: service,
    guardianToken: guardian,
    async tokenFor(seconds) {
      const response = await fetch(`${sandbox}/_sandbox/tokens`, {
        method: 'POST',
        body: JSON.stringify({ seconds }),
      })
      return ((await response.json()) as { readonly service: string }).service
    },
    ...createControl(sandbox ?? ''),
    ask,
    answer,
    openStreams: () => openStreams(url),
    async contactIds() {
      const ids: string[] = []
      for (let after = ''; ; ) {
        const { contacts }: Answer = await ask(
          `{ contacts(first: 100, after: "${after}") { nodes { id } pageInfo { hasNextPage endCursor } } }`,
        )
        ids.push(...contacts.nodes.map(({ id }) => id))
        if (!contacts.pageInfo.hasNextPage) return ids
        after = contacts.pageInfo.endCursor
      }
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** The number of subscriptions that are open at a gateway. */
export async function openStreams(url: string): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', url))).text()
  return Number(/^gateway_subscriptions (\d+)$/m.exec(metrics)?.[1])
}

/** A sandbox with a gateway that can be stopped and started again, for clients without a token. */
export interface RestartableGateway extends AsyncDisposable {
  readonly url: string
  endRelationship(contactId: string, studentId: string): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export async function startRestartableGateway(): Promise<RestartableGateway> {
  const sandbox = await startProgram(
    ['sandbox'],
    { SANDBOX_PORT: '0' },
    /CLEVER_API_URL=(\S+) CLEVER_DISTRICT_TOKENS=(\S+)/,
  )
  const [, address = '', tokens = ''] = sandbox.found
  let port = '0'
  let gateway: Program
  async function start() {
    const settings = {
      PORT: port,
      AUDIT: 'off',
      AUTHENTICATION: 'everybody-may-read-everything',
      EVENTS_INTERVAL_MS: '1000',
      EVENTS_LAG_MS: '1000',
      CLEVER_API_URL: address,
      CLEVER_DISTRICT_TOKENS: tokens,
    }
    gateway = await startProgram([], settings, /"port":(\d+)/)
    port = gateway.found[1] ?? port
  }
  await start()
  const control = createControl(address)
  return {
    url: `http://localhost:${port}/graphql`,
    endRelationship: control.endRelationship,
    start,
    stop: () => gateway.stop(),
    async [Symbol.asyncDispose]() {
      await gateway.stop()
      await sandbox.stop()
    },
  }
}

function createControl(sandbox: string) {
  async function act(action: string, fields: object = {}) {
    const address = `${sandbox}/_sandbox/districts/${DISTRICT}/${action}`
    const response = await fetch(address, { method: 'POST', body: JSON.stringify(fields) })
    if (!response.ok) throw new Error(`${action}: ${await response.text()}`)
  }
  return {
    act,
    async endRelationship(contactId: string, studentId: string) {
      await act('end-relationship', { contactId, studentId })
      await act('sync')
    },
  }
}
