import { describe, expect, it } from 'vitest'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { startGateway } from '../support/gateway.ts'

const QUERY = `{
  district { sisType sisNotes { text isDocumented source } }
  contacts(first: 100) {
    nodes {
      displayName
      identity { basis isStable }
      phone { type isValid }
      relationships { studentId relationship relationshipRaw relationshipIsInferred type typeRaw privileges }
    }
  }
  students(first: 100) { nodes { id relationships { id } } }
}`

interface Entry {
  readonly relationship: string
  readonly relationshipRaw: string | null
  readonly relationshipIsInferred: boolean
  readonly type: string
  readonly typeRaw: string | null
  readonly privileges: readonly string[]
}

interface Contact {
  readonly displayName: string | null
  readonly identity: { readonly isStable: boolean }
  readonly phone: { readonly type: string } | null
  readonly relationships: readonly Entry[]
}

/** What a front end gets of a district that syncs in this way, but for the family of Clever's documentation. */
async function syncedBy(sis: NonNullable<SandboxOptions['sis']>) {
  await using gateway = await startGateway({ sandbox: { students: 40, sis } })
  const { data, errors } = await gateway.ask(QUERY)
  expect(errors).toEqual([])
  const contacts: readonly Contact[] = data.contacts.nodes
  const documented = new Set(['Aaron Collins'])
  const invented = contacts.filter(({ displayName }) => !documented.has(displayName ?? ''))
  expect(data.district.sisNotes.length).toBeGreaterThan(0)
  return {
    contacts: invented,
    entries: invented.flatMap(({ relationships }) => relationships),
    students: data.students.nodes as readonly { readonly relationships: readonly unknown[] }[],
  }
}

const share = <Item>(items: readonly Item[], is: (item: Item) => boolean) =>
  items.filter(is).length / Math.max(items.length, 1)

describe('a district that syncs by', () => {
  it('SFTP has at most five contacts a student', async () => {
    const { students } = await syncedBy('sftp')
    expect(Math.max(...students.map(({ relationships }) => relationships.length))).toBeLessThanOrEqual(5)
  })

  it.each(['auto-sync', 'aeries', 'schoolinsight'] as const)(
    '%s often leaves the relationship out, or writes it into the type, where it is found',
    async (sis) => {
      const { entries } = await syncedBy(sis)
      expect(share(entries, ({ relationshipRaw }) => relationshipRaw === null)).toBeGreaterThan(0.2)
      const found = entries.filter(({ relationshipIsInferred }) => relationshipIsInferred)
      expect(found.length).toBeGreaterThan(0)
    },
  )

  it.each(['infinite-campus', 'ic-oneroster', 'skyward', 'skyward-api'] as const)(
    '%s has ids that are stable',
    async (sis) => {
      const { contacts } = await syncedBy(sis)
      expect(share(contacts, ({ identity }) => identity.isStable)).toBeGreaterThan(0.9)
    },
  )

  it('PowerSchool has words that Clever does not document: they are shown, and give nothing', async () => {
    const { entries } = await syncedBy('powerschool')
    const inferred = entries.filter(({ relationshipIsInferred }) => relationshipIsInferred)
    expect(inferred.length).toBeGreaterThan(0)
    const guardians = entries.filter(({ relationshipRaw }) => relationshipRaw === 'Guardian')
    for (const { relationship } of guardians) expect(relationship).toBe('OTHER')
    for (const { privileges } of [...inferred, ...guardians]) expect(privileges).toEqual([])
  })

  it('iNOW has students without contacts', async () => {
    const { students } = await syncedBy('inow')
    expect(students.filter(({ relationships }) => relationships.length === 0).length).toBeGreaterThan(3)
  })

  it('Tyler lists primary and emergency contacts', async () => {
    const { entries } = await syncedBy('tyler')
    expect(share(entries, ({ type }) => ['PRIMARY', 'EMERGENCY'].includes(type))).toBeGreaterThan(0.9)
  })

  it('Illuminate lists guardians and emergency contacts', async () => {
    const { entries } = await syncedBy('illuminate')
    expect(share(entries, ({ type }) => ['PARENT_GUARDIAN', 'EMERGENCY'].includes(type))).toBeGreaterThan(0.9)
  })
})
