import { type BenchClever, type Cost, type DistrictSize, startClever } from './clever.ts'
import { readAll } from './clever-user.ts'
import { ask, type Graph, type Question, type Settings, startGateway, startTextbook } from './graphs.ts'
import { type Measured, measure, medianOf, mustEqual } from './measure.ts'
import { measureLoad } from './measure-load.ts'
import type { Report } from './report.ts'
import { type Cell, printCell, type Row } from './table.ts'

/** Of Clever's documentation, and in each first district of the sandbox: the contact of three students. */
const DOCUMENTED_CONTACT = '63850203bfb8460546071ef6'

export const ONE_CONTACT: Question = {
  query: `query ($id: ID!, $districtId: ID) {
    contact(id: $id, districtId: $districtId) { displayName relationships { relationshipRaw student { displayName } } }
  }`,
  variables: { id: DOCUMENTED_CONTACT },
}

export const PAGE_OF_CONTACTS: Question = {
  query: `query ($districtId: ID) {
    contacts(first: 100, districtId: $districtId) {
      pageInfo { hasNextPage }
      nodes { id displayName phone { raw } relationships { relationshipRaw student { displayName } } }
    }
  }`,
  variables: {},
}

const MANY_STUDENTS = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Student { displayName relationships { relationshipRaw contact { displayName phone { raw } } } }
  }
}`
const MANY = 500

/** Pages of another large district, and students of each page with their contacts, that a process is asked for first. */
const PAGES_BEFORE = 5
const STUDENTS_BEFORE = 50
const PAGE_AFTER = `query ($districtId: ID, $after: String) {
  contacts(first: 100, districtId: $districtId, after: $after) {
    pageInfo { endCursor }
    nodes { id displayName phone { raw } relationships { relationshipRaw student { id displayName } } }
  }
}`

/** Fewer of what spends the minute. */
const REPEATS = { textbook: 3, cold: 3, warm: 5 }

export interface OneQuery {
  readonly title: string
  questionAbout(clever: BenchClever): Promise<Question>
}

/** By the number of the scenario. */
export const QUERIES = {
  1: {
    title: '1. One contact with its students',
    questionAbout: async (clever) => about(clever, ONE_CONTACT),
  },
  2: {
    title: '2. 100 contacts with their students',
    questionAbout: async (clever) => about(clever, PAGE_OF_CONTACTS),
  },
  3: { title: `3. ${MANY} students with their contacts`, questionAbout: askManyStudents },
} satisfies Record<string, OneQuery>

/** So that a gateway which has other districts too knows where to look. */
export function about(
  { districtId }: Pick<BenchClever, 'districtId'>,
  { query, variables }: Question,
): Question {
  return { query, variables: { ...variables, districtId } }
}

/** They are from all over the district. */
async function askManyStudents(clever: BenchClever): Promise<Question> {
  const students = await readAll(clever.read, 'student')
  const step = Math.max(1, Math.floor(students.length / MANY))
  const chosen = students.filter((_, index) => index % step === 0).slice(0, MANY)
  const representations = chosen.map(({ id }) => ({
    __typename: 'Student',
    id,
    districtId: clever.districtId,
  }))
  return { query: MANY_STUDENTS, variables: { representations } }
}

interface PageOfTwin {
  readonly contacts: {
    readonly pageInfo: { readonly endCursor: string }
    readonly nodes: readonly {
      readonly relationships: readonly { readonly student: { readonly id: string } | null }[]
    }[]
  }
}

export interface Plan {
  readonly queries: readonly OneQuery[]
  readonly district: DistrictSize
  readonly gateway: Settings
  readonly report: Report
}

/** What was asked of the textbook and of gateways without data. */
export interface AskedCold {
  readonly title: string
  readonly question: Question
  /** The textbook's answer. */
  readonly truth: unknown
  readonly textbook: Cost
  readonly cold: Cell
}

/** Each query again and again: to the textbook, and to fresh gateways. */
export async function* askCold(clever: BenchClever, plan: Plan): AsyncGenerator<AskedCold> {
  const { queries, district, report } = plan
  for (const { title: query, questionAbout } of queries) {
    const title = `${query}, of ${district.students.toLocaleString('en')} students`
    const question = await questionAbout(clever)
    const { data: truth, ...textbook } = await askTextbook(clever, question)
    const cold = await report.attempt(`${title}, cold`, () => askFresh(clever, question, truth, plan))
    report.say(`${title}: textbook ${printCell(textbook)}, cold ${printCell(cold)}`)
    yield { title, question, truth, textbook, cold }
  }
}

/** As `askCold`, and to a gateway that has read the district ahead. */
export async function* compareQueries(plan: Plan): AsyncGenerator<Row> {
  const { district, gateway: settings, report } = plan
  await using clever = await startClever(district)
  const asked = await Array.fromAsync(askCold(clever, plan))
  await clever.newMinute()
  await using gateway = await startGateway(clever, { WARM: 'eager', ...settings })
  const { calls, ms } = await measureLoad(clever, gateway)
  report.note(`Loaded, of ${district.students.toLocaleString('en')} students: ${printCell({ calls, ms })}`)
  for (const { title, question, truth, textbook, cold } of asked) {
    const warm = await report.attempt(`${title}, warm`, () => askWarm(clever, gateway, question, truth))
    yield { title, textbook, cold, warm }
  }
}

async function askTextbook(clever: BenchClever, question: Question): Promise<Measured<unknown>> {
  await using textbook = await startTextbook(clever)
  const answers: Measured<unknown>[] = []
  for (let time = 0; time < REPEATS.textbook; time += 1) {
    await clever.newMinute()
    answers.push(await measure(clever, () => ask(textbook, question)))
  }
  return { ...medianOf(answers), data: answers[0]?.data }
}

/** A process that runs, as the textbook's does, and knows nothing of the district: it has been asked about others before. */
async function askFresh(
  clever: BenchClever,
  question: Question,
  truth: unknown,
  { gateway: settings, report }: Plan,
): Promise<Cost> {
  const answers: Measured<unknown>[] = []
  const firstPages: Cost[] = []
  for (let time = 0; time < REPEATS.cold; time += 1) {
    await clever.newMinute()
    await using gateway = await startGateway(clever, { WARM: 'off', ...settings }, clever)
    const [twin, ...small] = clever.others
    for (const { id: districtId } of small)
      await ask(gateway, { query: PAGE_OF_CONTACTS.query, variables: { districtId } })
    if (twin !== undefined) firstPages.push(await askAboutTwin(clever, gateway, twin.id))
    answers.push(await measure(clever, () => ask(gateway, question)))
  }
  for (const { data } of answers) mustEqual(truth, data)
  const firstPage = printCell(medianOf(firstPages))
  report.note(`The first 100 contacts with their students that each of these gateways read: ${firstPage}`)
  return medianOf(answers)
}

/** Lets V8 compile what cold reads of a large district run. Returns the cost of the first page. */
async function askAboutTwin(clever: BenchClever, gateway: Graph, districtId: string): Promise<Cost> {
  const costs: Cost[] = []
  let after: string | undefined
  for (let page = 0; page < PAGES_BEFORE; page += 1) {
    const question = { query: PAGE_AFTER, variables: { districtId, after } }
    const { data, ...cost } = await measure(clever, () => ask<PageOfTwin>(gateway, question))
    costs.push(cost)
    after = data.contacts.pageInfo.endCursor
    const students = data.contacts.nodes.flatMap(({ relationships }) => relationships)
    const representations = students
      .flatMap(({ student }) =>
        student === null ? [] : [{ __typename: 'Student', districtId, id: student.id }],
      )
      .slice(0, STUDENTS_BEFORE)
    await ask(gateway, { query: MANY_STUDENTS, variables: { representations } })
  }
  return costs[0] ?? { calls: 0, ms: Number.NaN }
}

async function askWarm(
  clever: BenchClever,
  gateway: Graph,
  question: Question,
  truth: unknown,
): Promise<Cost> {
  const answers: Measured<unknown>[] = []
  for (let time = 0; time < REPEATS.warm; time += 1) {
    await clever.makeRoom(answers.at(-1)?.calls ?? 0)
    answers.push(await measure(clever, () => ask(gateway, question)))
  }
  for (const { data } of answers) mustEqual(truth, data)
  return medianOf(answers)
}
