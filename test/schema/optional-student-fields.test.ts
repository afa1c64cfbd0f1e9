import { describe, expect, it } from 'vitest'
import { createCleverClock } from '../../src/clever/clock-skew.ts'
import { parseEvent } from '../../src/clever/events.ts'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { parseDistrictId, parseUserId } from '../../src/model/ids.ts'
import { CHILD, DISTRICT, MIXED, NEPHEW } from '../federation/documented-family.ts'
import { type Claims, guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'

const FIELDS = 'id preferredName { first middle last } homeLanguage'
const BY_ID = `query ($id: ID!) { student(id: $id) { ${FIELDS} } }`
const LISTED = `{ students(first: 100) { nodes { ${FIELDS} } } }`

function inClever(gateway: TestGateway, id: string) {
  const role = gateway.sandbox.districts[0]?.roster.user(id)?.roles.student ?? expect.unreachable()
  const { preferred_name, home_language } = role as {
    preferred_name?: { first: string }
    home_language?: string
  }
  return {
    id,
    preferredName:
      preferred_name === undefined ? null : { first: preferred_name.first, middle: null, last: null },
    homeLanguage: home_language ?? null,
  }
}

const inMemory = (gateway: TestGateway) =>
  JSON.stringify(
    gateway.districts
      .all()
      .flatMap(({ store, client }) =>
        [CHILD, NEPHEW].map((id) => [
          client.districtId,
          store.find('student', parseUserId(id) ?? expect.unreachable(), 0),
        ]),
      ),
  )

describe('the preferred name and the home language of a student', () => {
  it('are null, and nowhere in memory, unless the operator keeps them', async () => {
    await using gateway = await startGateway()
    const { data, errors } = await gateway.ask(LISTED)
    expect(errors).toEqual([])
    for (const { preferredName, homeLanguage } of data.students.nodes)
      expect([preferredName, homeLanguage]).toEqual([null, null])
    expect((await gateway.ask(BY_ID, { id: NEPHEW })).data.student).toEqual({
      id: NEPHEW,
      preferredName: null,
      homeLanguage: null,
    })
    expect(inMemory(gateway)).not.toMatch(/English|preferred|homeLanguage/)
  })

  it('are shown as Clever has them where both are kept, read by id or in a list', async () => {
    await using gateway = await startGateway({ keptFields: ['preferredName', 'homeLanguage'] })
    const { students } = gateway.sandbox.districts[0] ?? expect.unreachable()
    const expected = students.map((id) => inClever(gateway, id))
    expect(new Set(expected.map(({ preferredName }) => preferredName === null)).size).toBe(2)
    expect((await gateway.ask(BY_ID, { id: NEPHEW })).data.student).toEqual(inClever(gateway, NEPHEW))
    expect((await gateway.ask(LISTED)).data.students.nodes).toEqual(expected)
    // From memory.
    expect((await gateway.ask(LISTED)).data.students.nodes).toEqual(expected)
  })

  it('are kept one by one', async () => {
    await using gateway = await startGateway({ keptFields: ['preferredName'] })
    const { data } = await gateway.ask(BY_ID, { id: NEPHEW })
    expect(data.student).toEqual({ ...inClever(gateway, NEPHEW), homeLanguage: null })
    expect(inMemory(gateway)).not.toContain('English')
  })

  it('are null where Clever has blanks or something else', async () => {
    await using gateway = await startGateway({ keptFields: ['preferredName', 'homeLanguage'] })
    for (const student of [
      { preferred_name: { first: ' ', last: '' }, home_language: '' },
      { preferred_name: 'Jo', home_language: ['English'] },
      {},
    ]) {
      gateway.forget()
      const body = JSON.stringify({ data: { id: CHILD, roles: { student } } })
      const heal = gateway.sandbox.faults.add({ path: `/users/${CHILD}`, body })
      const { data, errors } = await gateway.ask(BY_ID, { id: CHILD })
      heal()
      expect(errors).toEqual([])
      expect(data.student).toEqual({ id: CHILD, preferredName: null, homeLanguage: null })
    }
  })

  it('are shown to a viewer who may see the student, and to no other', async () => {
    await using gateway = await startGateway({ keptFields: ['preferredName', 'homeLanguage'] })
    const ask = async (as: Claims) => (await gateway.ask(BY_ID, { id: CHILD }, as)).data.student
    expect(await ask(guardian(MIXED))).toEqual(inClever(gateway, CHILD))
    expect(await ask({ ...SERVICE, scope: 'contacts:read' })).toBe(null)
  })

  it('are read from events by the same rule', () => {
    const cleverClock = createCleverClock(systemClock, createLog('silent'), createMetrics())
    const student = { preferred_name: { first: 'Jo' }, home_language: 'Spanish' }
    const previous_attributes = { roles: { student: { home_language: 'Arabic' } } }
    const json = {
      id: CHILD,
      type: 'users.updated',
      data: { object: { id: CHILD, roles: { student } }, previous_attributes },
    }
    const districtId = parseDistrictId(DISTRICT) ?? expect.unreachable()
    const kept = parseEvent(json, districtId, cleverClock, new Set(['preferredName', 'homeLanguage']))
    expect(kept).toMatchObject({
      user: { student: { preferredName: { first: 'Jo' }, homeLanguage: 'Spanish' } },
      previous: { student: { preferredName: { first: 'Jo' }, homeLanguage: 'Arabic' } },
    })
    expect(JSON.stringify(parseEvent(json, districtId, cleverClock))).not.toMatch(/Jo|Spanish|Arabic/)
  })

  it('are named by a setting, which takes no other names', () => {
    const kept = (list: string) => readConfig({ OPTIONAL_STUDENT_FIELDS: list }).OPTIONAL_STUDENT_FIELDS
    expect(kept('')).toEqual([])
    expect(kept('homeLanguage, preferredName')).toEqual(['homeLanguage', 'preferredName'])
    expect(() => kept('gender')).toThrow(
      'OPTIONAL_STUDENT_FIELDS must be some of preferredName, homeLanguage',
    )
  })

  it('are there from v3.1 of the API on, as in Clever', async () => {
    await using gateway = await startGateway()
    const [district] = gateway.sandbox.districts
    for (const [version, isThere] of [
      ['v3.0', false],
      ['v3.1', true],
    ] as const) {
      for (const path of [`users/${NEPHEW}`, 'users?role=student', 'events?record_type=users']) {
        const response = await fetch(`${gateway.sandbox.url}/${version}/${path}`, {
          headers: { authorization: `Bearer ${district?.token}` },
        })
        expect((await response.text()).includes('preferred_name'), `${version} ${path}`).toBe(isThere)
      }
    }
  })
})
