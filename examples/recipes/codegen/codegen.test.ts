import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Gateway, JONAH, startGateway } from '../support/gateway.ts'
import { studentContacts } from './student-contacts.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

it('reads the contacts of a student with their relationship to this student', async () => {
  const { data } = await studentContacts(gateway.url, gateway.token, JONAH)
  const lines = data?.student?.relationships?.map(
    (entry) => `${entry?.contact?.displayName}: ${entry?.relationship}`,
  )
  expect(lines).toEqual(['Aaron Collins: PARENT', 'Simone Collins: PARENT'])
})

it('returns the errors of an answer', async () => {
  const { data, errors } = await studentContacts(gateway.url, 'no token', JONAH)
  expect(data).toBeUndefined()
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

it('has a type for values that are newer than the types', async () => {
  const { data } = await studentContacts(gateway.url, gateway.token, JONAH)
  const relationship = data?.student?.relationships?.[0]?.relationship
  // Without `futureProofEnums`, this comparison is a type error.
  expect(relationship === '%future added value').toBe(false)
})
