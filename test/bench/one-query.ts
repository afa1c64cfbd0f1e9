import { type BenchClever, type DistrictSize, readAll, startClever, WHOLE_MINUTE } from './clever.ts'
import { ask, type Question, type Settings, startGateway, startTextbook } from './graphs.ts'
import { type Measured, measure, measureOn, medianOf, mustEqual } from './measure.ts'
import type { Row } from './table.ts'

/** Of Clever's documentation, and in each first district of the sandbox: the contact of three students. */
const DOCUMENTED_CONTACT = '63850203bfb8460546071ef6'

export const ONE_CONTACT: Question = {
  query: `query ($id: ID!) {
    contact(id: $id) { displayName relationships { relationship student { displayName } } }
  }`,
  variables: { id: DOCUMENTED_CONTACT },
}

const PAGE_OF_CONTACTS: Question = {
  query: `{
    contacts(first: 100) {
      pageInfo { hasNextPage }
      nodes { id displayName phone { raw } relationships { relationship student { displayName } } }
    }
  }`,
  variables: {},
}

const MANY_STUDENTS = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Student { displayName relationships { relationship contact { displayName phone { raw } } } }
  }
}`
const MANY = 500

/** Fewer of what spends the minute. */
const REPEATS = { textbook: 3, cold: 3, warm: 5 }

interface Plan {
  readonly title: string
  readonly district: DistrictSize
  readonly gateway: Settings
}

/** 1 */
export function compareOneContact(plan: Plan): Promise<Row> {
  return compare(plan, async () => ONE_CONTACT)
}

/** 2 */
export function comparePageOfContacts(plan: Plan): Promise<Row> {
  return compare(plan, async () => PAGE_OF_CONTACTS)
}

/** 3. The students are from all over the district. */
export function compareManyStudents(plan: Plan): Promise<Row> {
  return compare(plan, async (clever) => {
    const students = await readAll(clever, 'student')
    const step = Math.max(1, Math.floor(students.length / MANY))
    const chosen = students.filter((_, index) => index % step === 0).slice(0, MANY)
    const representations = chosen.map(({ id }) => ({ __typename: 'Student', id }))
    return { query: MANY_STUDENTS, variables: { representations } }
  })
}

/** One query again and again: to the textbook, to fresh gateways, and to one that has read the district ahead. */
async function compare(
  { title, district, gateway: settings }: Plan,
  questionAbout: (clever: BenchClever) => Promise<Question>,
): Promise<Row> {
  await using clever = await startClever(district)
  const question = await questionAbout(clever)
  const textbook = await askTextbook(clever, question)
  const right = (answers: readonly Measured<unknown>[], what: string) => {
    for (const { data } of answers) mustEqual(textbook[0]?.data, data, `${title}, ${what}`)
    return medianOf(answers)
  }

  const cold: Measured<unknown>[] = []
  for (let time = 0; time < REPEATS.cold; time += 1) {
    await clever.makeRoom(WHOLE_MINUTE)
    // What the process asks while it starts is part of the price.
    await clever.forget()
    await using gateway = await startGateway(clever, { WARM: 'off', ...settings })
    cold.push(await measureOn(clever, () => ask(gateway, question)))
  }

  await clever.makeRoom(WHOLE_MINUTE)
  await clever.forget()
  const startedAt = performance.now()
  await using gateway = await startGateway(clever, { WARM: 'eager', ...settings })
  const sweep = await clever.quiet(startedAt)
  const warm: Measured<unknown>[] = []
  for (let time = 0; time < REPEATS.warm; time += 1) {
    await clever.makeRoom(warm.at(-1)?.calls ?? 0)
    warm.push(await measure(clever, () => ask(gateway, question)))
  }
  return {
    title,
    textbook: right(textbook, 'textbook'),
    cold: right(cold, 'cold'),
    warm: right(warm, 'warm'),
    sweep,
  }
}

async function askTextbook(clever: BenchClever, question: Question): Promise<readonly Measured<unknown>[]> {
  await using textbook = await startTextbook(clever)
  const answers: Measured<unknown>[] = []
  for (let time = 0; time < REPEATS.textbook; time += 1) {
    await clever.makeRoom(answers.at(-1)?.calls ?? 0)
    answers.push(await measure(clever, () => ask(textbook, question)))
  }
  return answers
}
