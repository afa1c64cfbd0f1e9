import { setTimeout as wait } from 'node:timers/promises'
import { type BenchClever, type Cost, type DistrictSize, startClever } from './clever.ts'
import { ask, type Graph, type Settings, startGateway, startTextbook } from './graphs.ts'
import { measure, measureOn, mustEqual } from './measure.ts'
import type { Report } from './report.ts'
import { printCalls, printCell, printMs, type Row } from './table.ts'

const PAGE = `query ($first: Int!, $after: String) {
  contacts(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id displayName phone { raw } relationships { studentId relationshipRaw } }
  }
}`
const PAGE_SIZE = 100
/** Of the textbook, which has no limit of its own: with one more, the most that Clever gives. */
const LARGEST_PAGE = 9_999

const CHANGED_SHARE = 0.01
const CHANGES_WATCHED = 3
/** ms */
const EVENTS_INTERVAL = 5_000
const MAX_UNSEEN_MS = 60_000
const BETWEEN_LOOKS = 100

interface ContactNode {
  readonly id: string
}

interface ContactPage {
  /** The cursor that it was asked for with. */
  readonly after: string | null
  readonly nodes: readonly ContactNode[]
}

interface PageAnswer {
  readonly contacts: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
    readonly nodes: readonly ContactNode[]
  }
}

interface Plan {
  readonly district: DistrictSize
  readonly gateway: Settings
  readonly withChanges: boolean
  readonly report: Report
}

/** 4, and 5 with the same processes. */
export async function* compareWholeDistrict(plan: Plan): AsyncGenerator<Row> {
  const { district, withChanges, report } = plan
  await using clever = await startClever(district)
  await using textbook = await startTextbook(clever)
  const paged = await measure(clever, () => readContacts(textbook, PAGE_SIZE))
  const truth = contactsOf(paged.data)
  if (truth.length === 0) throw new Error('the district has no contacts')
  const title = `4. All ${truth.length.toLocaleString('en')} contacts, ${paged.data.length.toLocaleString('en')} queries in a row`
  report.say(`textbook: ${printCell(paged)}`)

  await clever.newMinute()
  const settings = { WARM: 'lazy', EVENTS_INTERVAL_MS: String(EVENTS_INTERVAL), ...plan.gateway }
  await using gateway = await startGateway(clever, settings)
  const { data, ms } = await measureOn(clever, () => readContacts(gateway, PAGE_SIZE))
  mustEqual(truth, contactsOf(data))
  await clever.quiet(performance.now())
  // With what it still reads ahead when the last page has long been answered.
  const cold = { ms, calls: (await clever.calls()).length }
  report.say(`cold: ${printCell(cold)}`)
  await clever.makeRoom(cold.calls)
  const warm = await measure(clever, () => readContacts(gateway, PAGE_SIZE))
  mustEqual(truth, contactsOf(warm.data))
  report.say(`warm: ${printCell(warm)}`)

  yield { title, textbook: paged, cold, warm }
  if (!withChanges) return
  await clever.makeRoom(warm.calls)
  yield compareChanged({ clever, textbook, gateway, truth, textbookCost: paged, pages: warm.data, report })
}

interface Changing {
  readonly clever: BenchClever
  readonly textbook: Graph
  /** It has read the district. */
  readonly gateway: Graph
  readonly truth: readonly ContactNode[]
  /** As the gateway gave them. */
  readonly pages: readonly ContactPage[]
  readonly textbookCost: Cost
  readonly report: Report
}

/** 5. What the textbook takes has not changed. */
async function compareChanged(changing: Changing): Promise<Row> {
  const { clever, textbook, gateway, truth, pages, textbookCost, report } = changing
  await clever.act('change-contacts', { share: CHANGED_SHARE })
  const changedTruth = contactsOf(await readContacts(textbook, LARGEST_PAGE))
  const changed = differing(truth, changedTruth)
  const title = `5. The same after ${changed.length.toLocaleString('en')} of them changed in Clever`
  report.say(`${changed.length} contacts changed`)

  const shown = await measure(clever, async () => {
    await clever.act('sync')
    await untilShown(gateway, pages, spreadOver(changed))
  })
  const seen = `${printCalls(shown.calls)} until shown, ${printMs(shown.ms)} after the sync`
  report.say(seen)
  const warm = await measure(clever, () => readContacts(gateway, PAGE_SIZE))
  mustEqual(changedTruth, contactsOf(warm.data))
  report.say(`warm: ${printCell(warm)}`)
  return { title, textbook: textbookCost, cold: seen, warm }
}

/** Every contact of the district. */
async function readContacts(graph: Graph, first: number): Promise<readonly ContactPage[]> {
  const pages: ContactPage[] = []
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await readPage(graph, first, after)
    pages.push({ after, nodes })
    if (!pageInfo.hasNextPage) return pages
    after = pageInfo.endCursor
  }
}

async function readPage(graph: Graph, first: number, after: string | null): Promise<PageAnswer['contacts']> {
  const { contacts } = await ask<PageAnswer>(graph, { query: PAGE, variables: { first, after } })
  return contacts
}

function contactsOf(pages: readonly ContactPage[]): readonly ContactNode[] {
  return pages.flatMap(({ nodes }) => nodes)
}

/** Those that are new or not as they were. */
function differing(before: readonly ContactNode[], after: readonly ContactNode[]): readonly ContactNode[] {
  const known = new Map(before.map((contact) => [contact.id, JSON.stringify(contact)]))
  return after.filter((contact) => known.get(contact.id) !== JSON.stringify(contact))
}

/** The first, the last, and some between. */
function spreadOver(contacts: readonly ContactNode[]): readonly ContactNode[] {
  const last = contacts.length - 1
  const chosen = Array.from({ length: CHANGES_WATCHED }, (_, nth) =>
    contacts.at(Math.round((nth * last) / (CHANGES_WATCHED - 1))),
  ).filter((contact) => contact !== undefined)
  if (chosen.length === 0) throw new Error('nothing has changed')
  return chosen
}

/** On the pages where the contacts stood before. */
async function untilShown(
  gateway: Graph,
  pages: readonly ContactPage[],
  contacts: readonly ContactNode[],
): Promise<void> {
  const startedAt = performance.now()
  for (const contact of contacts) {
    const page = pages.find(({ nodes }) => nodes.some(({ id }) => id === contact.id))
    if (page === undefined) throw new Error('what has changed was on no page')
    const wanted = JSON.stringify(contact)
    for (;;) {
      const { nodes } = await readPage(gateway, PAGE_SIZE, page.after)
      if (nodes.some((node) => JSON.stringify(node) === wanted)) break
      if (performance.now() - startedAt > MAX_UNSEEN_MS) throw new Error('the change never shows')
      await wait(BETWEEN_LOOKS)
    }
  }
}
