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
  const { queries, district, gateway: settings, report } = plan
  for (const { title: query, questionAbout } of queries) {
    const title = `${query}, of ${district.students.toLocaleString('en')} students`
    const question = await questionAbout(clever)
    const { data: truth, ...textbook } = await askTextbook(clever, question)
    const cold = await report.attempt(`${title}, cold`, () => askFresh(clever, question, truth, settings))
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

/**
 * A process that runs, as the textbook's does, and knows nothing of the district: it has been asked about others before.
 */
async function askFresh(
  clever: BenchClever,
  question: Question,
  truth: unknown,
  settings: Settings,
): Promise<Cost> {
  const answers: Measured<unknown>[] = []
  for (let time = 0; time < REPEATS.cold; time += 1) {
    await clever.newMinute()
    await using gateway = await startGateway(clever, { WARM: 'off', ...settings }, clever)
    for (const { id: districtId } of clever.others)
      await ask(gateway, { query: PAGE_OF_CONTACTS.query, variables: { districtId } })
    answers.push(await measure(clever, () => ask(gateway, question)))
  }
  for (const { data } of answers) mustEqual(truth, data)
  return medianOf(answers)
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
