import { createHook } from 'node:async_hooks'
import { describe, expect, it, vi } from 'vitest'
import type { Principal } from '../../src/access/principal.ts'
import { View } from '../../src/view/view.ts'
import { user } from '../access/people.ts'
import { entriesOf, findFamily, PARENT, strangerTo } from '../scenarios/families.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { SERVICE_PRINCIPAL, startReadPath } from '../support/read-path.ts'

type ReadPath = Awaited<ReturnType<typeof startReadPath>>

const PAGE = `{ contacts(first: 100) { totalCount nodes { id displayName email { raw } phone { e164 }
  relationships { id relationship privileges student { id displayName } } } } }`
const STUDENTS = `{ students(first: 100) { totalCount nodes { id displayName
  relationships { id relationship contact { id displayName email { raw } identity { collisionRisk } } } } }
  contacts(first: 100) { nodes { id } } }`

function guardianOf(...ids: string[]): Principal {
  return { kind: 'GUARDIAN', contactIds: ids.map(user), districtIds: 'ALL' }
}

/** The parent of a family, with three children. */
function parentOfThree({ district }: ReadPath): Principal {
  const { contact } = findFamily(district)
  for (const student of district.students.slice(-2))
    district.addRelationship(contact.id, { student, ...PARENT })
  const own = entriesOf(district.roster.user(contact.id)).map(({ student }) => student)
  expect(new Set(own).size).toBe(3)
  return guardianOf(contact.id)
}

/** Promises that are created while something synchronous runs. */
function promisesDuring(run: () => void): number {
  let promises = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') promises += 1
    },
  }).enable()
  try {
    run()
  } finally {
    hook.disable()
  }
  return promises
}

describe('rounds', () => {
  it('a cold page of 100 contacts with their students takes at most 3', async () => {
    await using path = await startReadPath({ sandbox: { students: 120 } })
    const { data, errors, rounds } = await path.ask(PAGE)
    expect(errors).toEqual([])
    expect(data.contacts.nodes).toHaveLength(100)
    expect(rounds).toBeLessThanOrEqual(3)
  })

  it('the students of a guardian with three children take one, after the guardian is known', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const principal = parentOfThree(path)
    const first = await path.ask('{ contactsViewer { students { studentId } } }', principal)
    expect([first.data.contactsViewer.students.length, first.rounds]).toEqual([3, 1])
    const { data, errors, rounds } = await path.ask('{ students { nodes { id displayName } } }', principal)
    expect(errors).toEqual([])
    expect(data.students.nodes).toHaveLength(3)
    expect(rounds).toBe(1)
  })

  it('a guardian with three children takes two when nothing is known: the guardian, then the students', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const principal = parentOfThree(path)
    const query = '{ students { nodes { id } } contactsViewer { students { student { displayName } } } }'
    const { errors, rounds, calls } = await path.ask(query, principal)
    expect(errors).toEqual([])
    expect(rounds).toBe(2)
    expect(calls).toBe(4)
  })

  it('a student with its contacts takes one: both are read at the same time', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const { student } = findFamily(path.district)
    const query = `{ student(id: "${student}") { displayName relationships { contact { id } } } }`
    const { data, errors, rounds, calls } = await path.ask(query)
    expect(errors).toEqual([])
    expect(data.student.relationships.length).toBeGreaterThan(0)
    expect([rounds, calls]).toEqual([1, 2])
  })

  it('a student that does not exist takes one, and has no contacts', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const query = `{ student(id: "${'f'.repeat(24)}") { displayName relationships { contact { id } } } }`
    const { data, errors, rounds } = await path.ask(query)
    expect(errors).toEqual([])
    expect([data.student, rounds]).toEqual([null, 1])
  })

  it('students that do not exist cost far fewer calls than twice their number', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const representations = Array.from({ length: 400 }, (_, n) => ({
      __typename: 'Student',
      id: (0x5f00_0000 + n).toString(16).padEnd(24, '0'),
    }))
    const query = `query ($r: [_Any!]!) {
      _entities(representations: $r) { ... on Student { displayName relationships { contact { id } } } } }`
    const { data, errors, rounds, calls } = await path.ask(query, SERVICE_PRINCIPAL, { r: representations })
    expect(errors).toEqual([])
    expect(data._entities.every((each: unknown) => each === null)).toBe(true)
    expect(rounds).toBe(1)
    expect(calls).toBeLessThan(200)
  })

  it('a student whom a guardian may not see costs no call, also for its contacts', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const { student, contact } = findFamily(path.district)
    const principal = guardianOf(contact.id)
    await path.ask('{ contactsViewer { id } }', principal)
    const stranger = strangerTo(path.district, student)
    const query = `{ student(id: "${stranger}") { displayName relationships { contact { id } } } }`
    const { data, rounds, calls } = await path.ask(query, principal)
    expect([data.student, rounds, calls]).toEqual([null, 0, 0])
  })

  it('what is known takes none, and costs no call', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const principal = parentOfThree(path)
    for (const [query, as] of [
      [PAGE, SERVICE_PRINCIPAL],
      [STUDENTS, principal],
    ] as const) {
      const first = await path.ask(query, as)
      const again = await path.ask(query, as)
      expect(again).toEqual({ ...first, rounds: 0, calls: 0 })
    }
  })
})

describe('decisions', () => {
  it('a viewer of a whole district has one for each privilege, however many students a page has', async () => {
    await using path = await startReadPath({ sandbox: { students: 120 } })
    const query = '{ contacts(first: 100) { nodes { email { raw } relationships { student { id } } } } }'
    await path.ask(query)
    path.decisions.length = 0
    const { data } = await path.ask(query, { ...SERVICE_PRINCIPAL })
    expect(data.contacts.nodes).toHaveLength(100)
    expect(path.decisions.length).toBeLessThanOrEqual(2)
  })

  it('a guardian has one for each student and privilege in a request of several rounds', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 }, clock: createFakeClock() })
    const principal = parentOfThree(path)
    const { data, rounds } = await path.ask(STUDENTS, principal)
    expect(data.students.nodes).toHaveLength(3)
    expect(rounds).toBeGreaterThan(1)
    const own: string[] = data.students.nodes.map(({ id }: { id: string }) => id)
    // Contacts of the own students may have further students, who are refused once each.
    const named = own.flatMap((id) => path.district.roster.contactsOf(id)).flatMap(entriesOf)
    const students = new Set([...own, ...named.map(({ student }) => student)])
    expect(path.decisions).toHaveLength(students.size + own.length)
    expect(path.decisions.filter(({ allowed }) => allowed)).toHaveLength(2 * own.length)
  })

  it('the same token decides nothing again in its next request', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 }, clock: createFakeClock() })
    const principal = parentOfThree(path)
    await path.ask(STUDENTS, principal)
    path.decisions.length = 0
    await path.ask(STUDENTS, principal)
    expect(path.decisions).toEqual([])
  })
})

describe('entities', () => {
  it.each(['Contact', 'School', 'Student'])(
    'of type %s: many of them read the own students as often as one, cold and warm',
    async (type) => {
      const readsOf = async (size: number) => {
        await using path = await startReadPath({ sandbox: { students: 120 } })
        const { contact } = findFamily(path.district)
        path.district.editContact(
          contact.id,
          {},
          { student_relationships: path.district.students.map((student) => ({ student, ...PARENT })) },
        )
        const reads = vi.spyOn(View.prototype, 'record')
        const representations = Array.from({ length: size }, (_, n) => ({
          __typename: type,
          id: n.toString(16).padStart(24, 'a'),
        }))
        const query = 'query ($all: [_Any!]!) { _entities(representations: $all) { __typename } }'
        for (let time = 0; time < 2; time += 1) {
          const { errors } = await path.ask(query, guardianOf(contact.id), { all: representations })
          expect(errors).toEqual([])
        }
        const { length } = reads.mock.calls
        reads.mockRestore()
        return length
      }
      expect(await readsOf(100)).toBeLessThan((await readsOf(1)) + 500)
    },
  )
})

describe('promises', () => {
  it.each(['ALWAYS', 'NEVER'] as const)(
    'none is created by a request that finds everything, compiled %s',
    async (compilation) => {
      await using path = await startReadPath({ compilation, sandbox: { students: 60 } })
      const principal = parentOfThree(path)
      for (const [query, as] of [
        [PAGE, SERVICE_PRINCIPAL],
        [STUDENTS, principal],
        [
          `{ students { totalCount pageInfo { endCursor } } districts { id } contactsViewer { kind } }`,
          principal,
        ],
      ] as const) {
        await path.ask(query, as)
        const run = path.prepare(query)
        const request = path.requestOf(as)
        let missing: number | undefined
        const promises = promisesDuring(() => {
          const view = request.newView()
          const { errors } = run(view, {})
          missing = view.missing.size + (errors?.length ?? 0)
        })
        // The record of a district is asked for by each request.
        if (!query.includes('districts')) expect(missing).toBe(0)
        expect([query, promises]).toEqual([query, 0])
      }
    },
  )

  it('are counted where there are any', () => {
    expect(promisesDuring(() => void Promise.resolve().then(() => {}))).toBe(2)
  })
})

describe('decoded records', () => {
  it('are the same objects in each request until Clever reports a change', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const { student, contact } = findFamily(path.district)
    await path.ask(PAGE)
    const read = () => {
      const view = path.requestOf(SERVICE_PRINCIPAL).newView()
      return [
        view.record('contact', { id: user(contact.id) }).value,
        view.record('student', { id: user(student) }).value,
        ...view.contactsOf(user(student), view.districts()[0]?.client.districtId ?? expect.unreachable())
          .value,
      ]
    }
    await path.ask(STUDENTS)
    const before = read()
    expect(before.length).toBeGreaterThan(3)
    expect(before).not.toContain(undefined)
    const again = read()
    expect(again.every((record, n) => record === before[n])).toBe(true)
  })

  it('are gone when the district is forgotten, and with the record', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const { contact, other } = findFamily(path.district)
    await path.ask(PAGE)
    const [{ store } = expect.unreachable()] = path.districts.all()
    const known = (id: string) => store.find('contact', user(id), 0)?.value
    expect([known(contact.id), known(other.id)]).toMatchObject([{ id: contact.id }, { id: other.id }])
    store.putUser(user(contact.id), undefined, Date.now())
    expect([known(contact.id), known(other.id)]).toMatchObject([undefined, { id: other.id }])
    store.clear()
    expect([known(contact.id), known(other.id)]).toEqual([undefined, undefined])
  })
})
