import { expect, test } from 'vitest'
import { askSandbox, documented, firstDistrict, ids } from './ask-clever.ts'

const all = '/v3.0/events?limit=10000'

async function askSwitchable(eventsEnabled = true) {
  const { get, sandbox } = await askSandbox({ eventsEnabled, districts: 2 })
  const types = async () => {
    const { data } = JSON.parse((await get(all)).text)
    return data.map((item: { data: { type: string } }) => item.data.type)
  }
  return { district: firstDistrict(sandbox), get, sandbox, types }
}

test('events that are switched off are not there, in that district only, while all else is', async () => {
  const { district, get, sandbox } = await askSwitchable()
  const [event] = ids(await get('/v3.0/events?limit=1'))
  district.setEvents('off')
  for (const path of ['/v3.0/events', `/v3.1/events/${event}`]) {
    const answer = await get(path)
    expect([answer.status, answer.text]).toEqual([404, '{"message":"Resource not found"}'])
  }
  expect((await get('/v3.0/users')).status).toBe(200)
  expect((await get('/v3.0/events', sandbox.districts[1]?.token)).status).toBe(200)
})

test('what was reported before is there again when events are switched on again', async () => {
  const { district, get } = await askSwitchable()
  const { text } = await get(all)
  district.setEvents('off')
  district.setEvents('on')
  expect((await get(all)).text).toBe(text)
})

test('what changes while events are off is never reported, synced or not', async () => {
  const { district, types } = await askSwitchable()
  const before = (await types()).length
  district.setEvents('off')
  district.removeContact(documented.uncle)
  district.sync()
  district.changeContacts(1)
  district.setEvents('on')
  expect(await types()).toHaveLength(before)
  district.sync()
  expect((await types()).slice(before)).toEqual(['districts.updated'])
  district.endRelationship(
    district.contacts[0] ?? '',
    district.roster.studentsOf(district.contacts[0] ?? '')[0]?.id ?? '',
  )
  district.sync()
  expect((await types()).slice(before + 1)[1]).toMatch(/^users\.(updated|deleted)$/)
})

test('what no sync had reported when events went off is not reported later either', async () => {
  const { district, types } = await askSwitchable()
  const before = (await types()).length
  district.removeContact(documented.uncle)
  district.setEvents('off')
  district.setEvents('on')
  district.sync()
  expect((await types()).slice(before)).toEqual(['districts.updated'])
})

test('switching on what is on forgets nothing', async () => {
  const { district, types } = await askSwitchable()
  district.removeContact(documented.uncle)
  district.setEvents('on')
  district.sync()
  expect((await types()).at(-1)).toBe('users.deleted')
})

test('a district that never had events starts with none when it switches them on', async () => {
  const { district, get, types } = await askSwitchable(false)
  expect((await get('/v3.0/events')).status).toBe(404)
  district.setEvents('on')
  expect(await types()).toEqual([])
  expect(ids(await get('/v3.0/events?ending_before=last&limit=1'))).toEqual([])
  district.removeContact(documented.uncle)
  district.sync()
  expect(await types()).toEqual(['districts.updated', 'users.deleted'])
})
