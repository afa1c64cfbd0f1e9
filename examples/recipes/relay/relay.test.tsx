import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ReactNode, Suspense } from 'react'
import { RelayEnvironmentProvider } from 'react-relay'
import {
  createOperationDescriptor,
  Environment,
  fetchQuery,
  type GraphQLTaggedNode,
  getRequest,
  graphql,
  RecordSource,
  Store,
} from 'relay-runtime'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { AARON, CONTACT_COUNT, type Gateway, JONAH, startGateway } from '../support/gateway.ts'
import { render } from '../support/render.ts'
import type { relayTestBothQuery as Both } from './__generated__/relayTestBothQuery.graphql.ts'
import { ContactCard } from './contact-card.tsx'
import { ContactChanges } from './contact-changes.tsx'
import { ContactList } from './contact-list.tsx'
import { createEnvironment } from './environment.ts'
import { ViewerName } from './viewer-name.tsx'

const soon = { timeout: 60_000, interval: 20 }
let gateway: Gateway
let environment: Environment
// Relay complains here about a record with two types.
const complaints = vi.spyOn(console, 'error').mockReturnValue()

beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => {
  environment = createEnvironment({ url: gateway.url, token: () => gateway.token, onGap: expect.unreachable })
})
afterEach(() => expect(complaints.mock.calls).toEqual([]))
afterAll(() => gateway[Symbol.asyncDispose]())

const show = (children: ReactNode) =>
  render(
    <RelayEnvironmentProvider environment={environment}>
      <Suspense>{children}</Suspense>
    </RelayEnvironmentProvider>,
  )
const recordsOf = (typename: string) =>
  environment
    .getStore()
    .getSource()
    .getRecordIDs()
    .filter((id) => id.startsWith(`${typename}:`))

describe('a list', () => {
  it('has all contacts after the last page, with no duplicates and none missing', async () => {
    await using page = await show(<ContactList />)
    await vi.waitFor(() => expect(page.texts('li')).toHaveLength(50), soon)
    for (const count of [100, 150, CONTACT_COUNT]) {
      expect(page.click('button')).toBe(true)
      await vi.waitFor(() => expect(page.texts('li')).toHaveLength(count), soon)
    }
    expect(page.click('button')).toBe(false)
    const ids = await gateway.contactIds()
    expect(recordsOf('Contact')).toEqual(ids.map((id) => `Contact:${id}`))
  })
})

describe('a change', () => {
  it('shows on the card, from the store alone', async () => {
    await using page = await show(
      <>
        <ContactCard id={AARON} />
        <ContactChanges />
      </>,
    )
    await vi.waitFor(async () => expect(await gateway.openStreams()).toBe(1), soon)
    const [phone] = page.texts('p')
    expect(page.texts('li')).toContainEqual(expect.stringMatching(/^PARENT of Jonah/))
    using fetching = vi.spyOn(globalThis, 'fetch')
    await gateway.act('change-contacts', { share: 1 })
    await gateway.endRelationship(AARON, JONAH)
    await vi.waitFor(() => expect(page.texts('p')).not.toEqual([phone]), soon)
    await vi.waitFor(() => expect(page.texts('li')).toHaveLength(2), soon)
    expect(page.text()).not.toContain('PARENT')
    expect(fetching.mock.calls.filter(([url]) => url === gateway.url)).toEqual([])
  })
})

describe('keys', () => {
  it('are ids alone by default, so that a viewer and a contact become one record', async () => {
    const { url, guardianToken: token } = gateway
    const network = createEnvironment({ url, token: () => token, onGap: expect.unreachable }).getNetwork()
    environment = new Environment({ network, store: new Store(new RecordSource()) })
    await using page = await show(<ViewerName />)
    await vi.waitFor(() => expect(page.text()).toBe('Aaron Collins'), soon)
    expect(environment.getStore().getSource().get(AARON)).toMatchObject({ kind: 'GUARDIAN', id: AARON })
    expect(complaints.mock.calls.flat().join()).toContain('Invalid record')
    complaints.mockClear()
  })

  it('keep a viewer and the contact with the same id apart', async () => {
    environment = createEnvironment({
      url: gateway.url,
      token: () => gateway.guardianToken,
      onGap: expect.unreachable,
    })
    await using page = await show(<ViewerName />)
    await vi.waitFor(() => expect(page.text()).toBe('Aaron Collins'), soon)
    expect([recordsOf('ContactsViewer'), recordsOf('Contact')]).toEqual([
      [`ContactsViewer:${AARON}`],
      [`Contact:${AARON}`],
    ])
  })
})

describe('an object without an id', () => {
  const both = graphql`
    query relayTestBothQuery($id: ID!) {
      contact(id: $id) {
        phone {
          e164
          national
        }
      }
    }
  `
  const one = graphql`
    query relayTestOneQuery($id: ID!) {
      contact(id: $id) {
        phone {
          national
        }
      }
    }
  `

  it('has old and new fields if two queries select different ones', async () => {
    const read = (query: GraphQLTaggedNode) => fetchQuery<Both>(environment, query, { id: AARON }).toPromise()
    const before = await read(both)
    await gateway.act('change-contacts', { share: 1 })
    await gateway.act('sync')
    const isNew = async () => (await read(one))?.contact?.phone?.national !== before?.contact?.phone?.national
    await vi.waitFor(async () => expect(await isNew()).toBe(true), soon)
    const { data } = environment.lookup(createOperationDescriptor(getRequest(both), { id: AARON }).fragment)
    const { phone } = (data as Both['response']).contact ?? expect.unreachable()
    expect(phone?.national).not.toBe(before?.contact?.phone?.national)
    expect(phone?.e164).toBe(before?.contact?.phone?.e164)
  })
})

describe('@refetchable', () => {
  /** What the compiler says about a fragment. */
  async function compile(fragment: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'relay-'))
    try {
      await copyFile('../../schema/schema.client.graphql', join(folder, 'schema.graphql'))
      await writeFile(
        join(folder, 'card.ts'),
        `import { graphql } from 'relay-runtime'\ngraphql\`${fragment}\`\n`,
      )
      const options = { src: '.', schema: 'schema.graphql', language: 'typescript' }
      await writeFile(join(folder, 'relay.config.json'), JSON.stringify(options))
      const compiler = join(process.cwd(), 'node_modules/.bin/relay-compiler')
      const { stdout, stderr } = await promisify(execFile)(compiler, { cwd: folder }).catch((error) => error)
      return stdout + stderr
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  it('works for fragments on Query', async () => {
    const fragment =
      'fragment card_query on Query @refetchable(queryName: "cardQuery") { contactsViewer { kind } }'
    expect(await compile(fragment)).toContain('Compilation completed')
  })

  it('does not work for fragments on Contact, because there is no Query.node', async () => {
    const fragment = 'fragment card_contact on Contact @refetchable(queryName: "cardQuery") { displayName }'
    expect(await compile(fragment)).toContain('Invalid use of @refetchable on fragment')
  })
})
