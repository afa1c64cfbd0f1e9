import pLimit from 'p-limit'
import { describe, expect, it } from 'vitest'
import type { CleverClient } from '../../src/clever/client.ts'
import { CleverUnavailable } from '../../src/clever/errors.ts'
import { parseUserId } from '../../src/clever/ids.ts'
import type { UserRecord } from '../../src/clever/records.ts'
import { createUserLoader } from '../../src/loaders/users.ts'
import { callerWaiting } from '../support/clever.ts'

const id = parseUserId('63850203bfb8460546071ef6') ?? expect.unreachable()
const USER: UserRecord = {
  id,
  student: undefined,
  contact: undefined,
  staff: undefined,
  isDistrictAdmin: false,
}

/** Looks for the id in districts that answer like this. */
function lookFor(...answers: readonly (() => Promise<UserRecord | undefined>)[]) {
  const clients = answers.map((user) => ({ user }) as Partial<CleverClient> as CleverClient)
  const districts = { all: async () => clients, one: async () => undefined }
  return createUserLoader(districts, callerWaiting(), pLimit(8)).load(id)
}

const has = async () => USER
const hasNot = async () => undefined
const fails = async () => {
  throw new CleverUnavailable('down')
}
const never = () => new Promise<undefined>(() => {})

describe('a user whose district nobody names', () => {
  it('is found as soon as one district has it, whatever the others do', async () => {
    expect(await lookFor(never, has, fails, hasNot)).toBe(USER)
  })

  it('is nowhere only when every district has said so', async () => {
    expect(await lookFor(hasNot, hasNot)).toBeUndefined()
    await expect(lookFor(hasNot, fails)).rejects.toBeInstanceOf(CleverUnavailable)
  })

  it('is nowhere where there are no districts', async () => {
    expect(await lookFor()).toBeUndefined()
  })
})
