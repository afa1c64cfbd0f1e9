import { describe, expect, it, vi } from 'vitest'
import { startGateway, type TestGateway, type TestOptions } from '../support/gateway.ts'
import { subscribe } from '../support/subscribe.ts'

const INTERVAL = 20
const start = (options: TestOptions = {}) =>
  startGateway({ warm: 'off', eventsInterval: INTERVAL, ...options })
const districtOf = ({ sandbox }: TestGateway) => sandbox.districts[0] ?? expect.unreachable()

describe('a subscription to the changes of contacts', () => {
  it('tells of a contact that was changed, and of which fields', async () => {
    await using gateway = await start()
    const district = districtOf(gateway)
    await using subscription = await subscribe(gateway)
    expect(subscription.status).toBe(200)
    const id = district.contacts[0] ?? ''
    const [entry] = district.roster.user(id)?.roles.contact?.student_relationships ?? []
    district.addRelationship(id, { ...entry, student: district.students[3] ?? '' } as never)
    district.sync()
    expect(await subscription.change()).toMatchObject({
      kind: 'UPDATED',
      contactId: id,
      contact: { id },
      changedFields: ['relationships'],
      previousId: null,
    })
  })
})
