import { expect, it } from 'vitest'
import { createOverrides } from '../../src/access/overrides.ts'
import { findFamily, PARENT, strangerTo } from '../scenarios/families.ts'
import { guardian, startGateway } from '../support/gateway.ts'
import { overridesOf } from './people.ts'

const QUERIES = [
  '{ students(first: 10, orderBy: NAME_ASC) { totalCount nodes { id } } }',
  '{ students(first: 10, filter: { hasContacts: true }) { totalCount nodes { id } } }',
  '{ contacts(first: 10, orderBy: NAME_DESC) { totalCount nodes { id relationships { studentId } } } }',
  '{ contacts(first: 10, filter: { relationships: PARENT }) { totalCount nodes { id relationships { studentId } } } }',
]

/** A parent of three students, and rules that change after `readings.left` more readings of them. */
async function start() {
  const rules = { before: createOverrides(overridesOf()), after: createOverrides(overridesOf()) }
  const readings = { left: Number.POSITIVE_INFINITY }
  const gateway = await startGateway({
    sandbox: { students: 60 },
    overrides() {
      readings.left -= 1
      return readings.left < 0 ? rules.after : rules.before
    },
  })
  const of = gateway.sandbox.districts[0] ?? expect.unreachable()
  const { student, contact, other } = findFamily(of)
  const second = strangerTo(of, student)
  const third = of.students.find((id) => id !== student && id !== second) ?? expect.unreachable()
  for (const each of [second, third]) {
    of.addRelationship(contact.id, { student: each, ...PARENT })
    of.addRelationship(other.id, { student: each, relationship: 'Aunt/Uncle', type: 'Emergency' })
  }
  const denying = (each: string | undefined) =>
    createOverrides(
      overridesOf({
        effect: 'DENY',
        student: each,
        privileges: 'ALL',
        reason: 'x',
        contact: { id: contact.id, name: contact.name.last, email: contact.email ?? 'x@example.org' },
      }),
    )
  const [, middle, last] = [student, second, third].sort()
  return Object.assign(gateway, {
    rules,
    readings,
    parent: guardian(contact.id),
    /** Lists of equal length that begin alike, and one that grows shorter. */
    changes: [
      [denying(last), denying(middle)],
      [createOverrides(overridesOf()), denying(student)],
    ] as const,
  })
}

it.each(QUERIES)(
  'the whole answer is by one set of rules, though they change meanwhile: %s',
  async (query) => {
    await using world = await start()
    const { rules, readings, parent } = world
    const ask = async (readingsBefore: number) => {
      readings.left = readingsBefore
      const { data, errors } = await world.ask(query, {}, parent)
      expect(errors).toEqual([])
      return data
    }
    for (const [before, after] of world.changes) {
      Object.assign(rules, { before, after })
      const allowed = [await ask(Number.POSITIVE_INFINITY), await ask(0)]
      expect(allowed[0]).not.toEqual(allowed[1])
      for (let readingsBefore = 1; readingsBefore < 12; readingsBefore += 1)
        expect(allowed).toContainEqual(await ask(readingsBefore))
    }
  },
)
