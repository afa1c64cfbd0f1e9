import { expect, test } from 'vitest'
import type { User } from '../../src/sandbox/roster/records.ts'
import { nextPhone } from '../../src/sandbox/school-system/phones.ts'
import { askSandbox, createClock, dayMs, firstDistrict, ids } from './ask-clever.ts'

interface Told {
  type: string
  data: { object: User; previous_attributes?: { roles: { contact: Record<string, unknown> } } }
}

const phoneOf = (user: User | undefined) => user?.roles.contact?.phone ?? ''
const isBound = ({ email, roles }: User) => !email && !roles.contact?.sis_id

async function askBig(students = 400) {
  const clock = createClock()
  const asked = await askSandbox({ students, now: clock.now })
  const district = firstDistrict(asked.sandbox)
  const before = new Map(district.roster.users('contact').map((user) => [user.id, user]))
  const changed = () => district.roster.users('contact').filter((user) => user !== before.get(user.id))
  const last = ids(await asked.get('/v3.0/events?ending_before=last&limit=1'))[0]
  const burst = async (): Promise<Told[]> => {
    district.sync()
    const answer = await asked.get(`/v3.0/events?limit=10000&record_type=users&starting_after=${last}`)
    return JSON.parse(answer.text).data.map((item: { data: Told }) => item.data)
  }
  return { ...asked, clock, district, before, changed, burst }
}

/** In how many of ten equal parts of the ids some of these are. */
function partsHit(all: readonly string[], some: readonly string[]): number {
  return new Set(some.map((id) => Math.floor((all.indexOf(id) * 10) / all.length))).size
}

test('a share of the contacts, spread over the ids, gets another phone at once', async () => {
  const { before, changed, clock, district, get } = await askBig()
  clock.forward(dayMs)
  const count = district.changeContacts(0.1)
  expect(count).toBe(Math.round(before.size * 0.1))
  expect(changed()).toHaveLength(count)
  expect(district.contacts).toEqual([...before.keys()])
  expect(
    partsHit(
      district.contacts,
      changed().map(({ id }) => id),
    ),
  ).toBe(10)
  const [one] = changed()
  const { data } = (await get(`/v3.1/users/${one?.id}`)).body
  expect(data).toMatchObject({ last_modified: new Date(clock.now()).toISOString() })
  expect(data).toEqual({
    ...before.get(one?.id ?? ''),
    last_modified: one?.last_modified,
    roles: { contact: { ...before.get(one?.id ?? '')?.roles.contact, phone: phoneOf(one) } },
  })
})

test('no contact changes whose id depends on the phone, another does instead', async () => {
  const { before, changed, district } = await askBig()
  const bound = [...before.values()].filter(isBound).length
  expect(bound).toBeGreaterThan(0)
  const most = before.size - bound
  expect(district.changeContacts((most - 1) / before.size)).toBe(most - 1)
  expect(district.changeContacts(1)).toBe(most)
  expect(changed()).toHaveLength(most)
  expect(changed().some(isBound)).toBe(false)
  expect(changed().every((user) => phoneOf(user) !== phoneOf(before.get(user.id)))).toBe(true)
})

test('equal sandboxes change alike, and a second change is of the same contacts', async () => {
  const [one, other] = await Promise.all([askBig(), askBig()])
  for (const { district } of [one, other]) district.changeContacts(0.3)
  expect(one.changed()).toEqual(other.changed())
  const before = one.changed()
  one.district.changeContacts(0.3)
  expect(one.changed().map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  expect(one.changed().every((user, at) => phoneOf(user) !== phoneOf(before[at]))).toBe(true)
})

test('the next sync reports each new phone beside the old one', async () => {
  const { before, burst, changed, district } = await askBig()
  district.changeContacts(0.2)
  const told = await burst()
  expect(told.map(({ type, data }) => [type, data.object.id])).toEqual(
    changed().map(({ id }) => ['users.updated', id]),
  )
  for (const { data } of told) {
    expect(phoneOf(data.object)).toBe(phoneOf(district.roster.user(data.object.id)))
    expect(data.previous_attributes).toEqual({
      roles: { contact: { phone: phoneOf(before.get(data.object.id)) } },
    })
  }
})

test('a share of the contacts, spread over the ids, is removed at once from every list', async () => {
  const { before, district, get } = await askBig()
  const all = [...before.keys()]
  const count = district.removeContacts(0.25)
  expect(count).toBe(Math.round(all.length * 0.25))
  const gone = all.filter((id) => !district.roster.user(id))
  expect(gone).toHaveLength(count)
  expect(partsHit(all, gone)).toBe(10)
  expect(district.contacts).toEqual(all.filter((id) => !gone.includes(id)))
  expect(district.roster.users().some(({ id }) => gone.includes(id))).toBe(false)
  expect(ids(await get('/v3.0/users?limit=10000'))).toEqual(district.roster.users().map(({ id }) => id))
  for (const student of district.students) {
    expect(district.roster.contactsOf(student).some(({ id }) => gone.includes(id))).toBe(false)
  }
  expect((await get(`/v3.0/users/${gone[0]}`)).status).toBe(404)
})

test('the next sync reports each removal', async () => {
  const { before, burst, district } = await askBig()
  district.removeContacts(0.25)
  const gone = [...before.keys()].filter((id) => !district.roster.user(id))
  const told = await burst()
  expect(told.map(({ type, data }) => [type, data.object.id])).toEqual(
    gone.map((id) => ['users.deleted', id]),
  )
})

test('all of the contacts can be removed, and none', async () => {
  const { before, district, get } = await askBig(24)
  expect(district.removeContacts(0)).toBe(0)
  expect(district.changeContacts(0)).toBe(0)
  expect(district.removeContacts(1)).toBe(before.size)
  expect(ids(await get('/v3.0/users?role=contact'))).toEqual([])
  expect(district.removeContacts(1)).toBe(0)
})

test.each([-0.1, 1.1, Number.NaN])('%d is no share', async (share) => {
  const { district } = await askBig(24)
  expect(() => district.changeContacts(share)).toThrow(new RangeError(`a share is from 0 to 1, not ${share}`))
  expect(() => district.removeContacts(share)).toThrow(RangeError)
})

test.each([
  ['(330) 555-0142', '(330) 555-0143'],
  ['555-555-0109 x09', '555-555-0110 x09'],
  ['15555550199', '15555550100'],
  ['+1 214 555 0130', '+1 214 555 0131'],
  ['1-(330) 280-1898', '(201) 555-0100'],
  ['', '(201) 555-0100'],
])('the phone after %j is %s, which belongs to nobody either', (phone, next) => {
  expect(nextPhone(phone)).toBe(next)
})
