import { afterAll, beforeAll, expect, it } from 'vitest'
import { schema } from '../../schema/schema.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createRandom, RandomDocuments } from '../support/random-documents.ts'

/** Ten thousand in CI. */
const DOCUMENTS = Number(process.env.FUZZ_DOCUMENTS ?? (process.env.CI ? 10_000 : 1_000))
const SEED = Number(process.env.FUZZ_SEED ?? 13)
const AT_ONCE = 8
/** For one document, on a machine that others use too. ms */
const SLOWEST = 5_000

let gateway: TestGateway
beforeAll(async () => {
  // Each document is used once, so most are not compiled.
  gateway = await startGateway({ warm: 'eager', compilation: 'SECOND_USE' })
})
afterAll(() => gateway[Symbol.asyncDispose]())

it(`${DOCUMENTS} random documents get an answer or a refusal each, and none an unexpected error`, {
  timeout: 600_000,
}, async () => {
  const [district] = gateway.sandbox.districts
  const contacts = district?.roster.users('contact').map(({ id }) => id) ?? []
  const documents = new RandomDocuments(
    schema,
    [...contacts, ...(district?.students ?? [])],
    createRandom(SEED),
  )
  const outcomes = { answered: 0, refused: 0 }
  const failures: unknown[] = []
  let sent = 0

  async function send() {
    while (sent < DOCUMENTS && failures.length === 0) {
      sent += 1
      const { query, variables } = sent % 2 === 0 ? documents.valid() : documents.almostValid()
      const startedAt = performance.now()
      // Every twentieth document twice: then it is compiled, and both ways must answer alike.
      const answers = [await gateway.ask(query, variables)]
      if (sent % 20 === 0) answers.push(await gateway.ask(query, variables))
      const codes = answers.flatMap(({ errors }) => errors.map(({ extensions }) => extensions.code))
      const [first, second] = answers
      const isAlike = second === undefined || JSON.stringify(first?.data) === JSON.stringify(second.data)
      const isKnown = codes.every((code) => code !== undefined && code !== 'INTERNAL_SERVER_ERROR')
      const isInTime = performance.now() - startedAt < SLOWEST * answers.length
      if (!isAlike || !isKnown || !isInTime || (first?.status ?? 500) >= 500)
        failures.push({ query, variables, codes, isAlike, isInTime })
      outcomes[first?.data ? 'answered' : 'refused'] += 1
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, send))
  expect(failures).toEqual([])
  expect(gateway.lines.filter((line) => line.includes('unexpected error'))).toEqual([])
  expect(outcomes.answered).toBeGreaterThan(DOCUMENTS / 10)
  expect(outcomes.refused).toBeGreaterThan(DOCUMENTS / 10)
})
