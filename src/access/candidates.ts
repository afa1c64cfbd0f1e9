import type { UserId } from '../clever/ids.ts'
import { type ContactRecord, type StudentRecord, studentIdsOf } from '../clever/records.ts'
import type { Known } from '../directory/directory.ts'
import { isSamePerson } from '../identity/same-contact.ts'
import { mapInTurns } from '../in-turns.ts'
import type { Loaders, Where } from '../loaders/create-loaders.ts'
import { all, type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import type { Decision } from './decide.ts'
import { type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Page, Reach, Test, VisibleContact } from './reader.ts'

/** What the principal may choose from: seen by the same rules, and not told yet. Throws what the reader throws. */
export interface Candidates {
  narrow(contact: VisibleContact): Steps<VisibleContact>
  /** A test that is given what narrow leaves. */
  narrowed(test: Test<VisibleContact>): Test<VisibleContact>
  hasContacts(student: StudentRecord): Steps<boolean>
  isStudent(where: Where): Steps<boolean>
  hasLookAlike(contact: VisibleContact): Steps<boolean>
}

export interface CandidatesOptions {
  readonly loaders: Loaders
  readonly may: (privilege: Privilege, studentId: UserId) => Steps<Decision>
  readonly isVisible: (contactId: UserId, studentId: UserId) => Steps<boolean>
  /** Undefined for whoever sees no whole district; otherwise whether its students are seen. */
  readonly seesAllStudents: () => Steps<boolean | undefined>
  /** Of a student, as far as the principal may see them. */
  readonly contactsOf: (student: StudentRecord) => Steps<Known<readonly ContactRecord[]>>
}

export function createCandidates(options: CandidatesOptions): Candidates {
  const { loaders, may, isVisible, seesAllStudents, contactsOf } = options

  function* visibleStudents(record: ContactRecord): Steps<ReadonlySet<UserId>> {
    const ids = [...studentIdsOf(record.relationships)]
    const areVisible = yield* wait(all(ids.map((studentId) => run(isVisible(record.id, studentId)))))
    return new Set(ids.filter((_id, i) => areVisible[i]))
  }

  function* narrow(contact: VisibleContact): Steps<VisibleContact> {
    const seesAll = yield* seesAllStudents()
    if (seesAll) return contact
    const { record } = contact
    const visible = seesAll === undefined ? yield* visibleStudents(record) : NOBODY
    return { ...contact, record: onlyTo(visible, record), isNarrowed: true }
  }

  function* passesNarrowed(contact: VisibleContact, passes: Test<VisibleContact>['passes']): Steps<boolean> {
    return yield* wait(passes(yield* narrow(contact)))
  }

  /** Among the contacts of those students whose contacts may be seen, and by nothing that these are to other students. */
  function* hasLookAlike({ record }: VisibleContact): Steps<boolean> {
    const ids = [...studentIdsOf(record.relationships)]
    const decisions = yield* wait(all(ids.map((id) => run(may(VIEW_CONTACTS, id)))))
    const open = ids.filter((_id, i) => decisions[i]?.allowed)
    const lists = yield* wait(all(open.map((id) => loaders.contactsOf(id, record.districtId))))
    const others = new Map(lists.flatMap(({ value }) => value.map((other) => [other.id, other])))
    const students = new Set(open)
    const seen = onlyTo(students, record)
    return others.values().some((other) => isSamePerson(seen, onlyTo(students, other)) !== undefined)
  }

  return {
    narrow,

    narrowed: ({ passes, asksFor }) => ({
      passes: (contact) => run(passesNarrowed(contact, passes)),
      asksFor,
    }),

    *hasContacts(student) {
      const contacts = (yield* contactsOf(student)).value.filter(({ relationships }) =>
        relationships.some(({ studentId }) => studentId === student.id),
      )
      const areVisible = yield* wait(all(contacts.map(({ id }) => run(isVisible(id, student.id)))))
      return areVisible.includes(true)
    },

    *isStudent(where) {
      if (!(yield* may(VIEW_STUDENT, where.id)).allowed) return false
      return (yield* wait(loaders.record('student', where))).value !== undefined
    },

    hasLookAlike,
  }
}

const NOBODY: ReadonlySet<UserId> = new Set()

function onlyTo(students: ReadonlySet<UserId>, record: ContactRecord): ContactRecord {
  return { ...record, relationships: record.relationships.filter(({ studentId }) => students.has(studentId)) }
}

/** The first so many that pass, in ascending order of id, and whether there are more. */
export async function choosePage<Node>(
  nodes: AsyncIterable<readonly Node[]>,
  { direction, limit }: Reach,
  test: Test<Node>,
  idOf: (node: Node) => UserId,
): Promise<Page<Node>> {
  const chosen: Node[] = []
  for await (const some of nodes) {
    const passes = await mapInTurns(some, test.passes)
    chosen.push(...some.filter((_node, i) => passes[i]))
    if (chosen.length > limit) break
  }
  const hasMore = chosen.length > limit
  const page = chosen.slice(0, limit)
  if (direction === 'backwards') page.reverse()
  const [first, last] = [page.at(0), page.at(-1)]
  return { nodes: page, firstId: first && idOf(first), lastId: last && idOf(last), hasMore }
}

export async function countThose<Node>(
  nodes: AsyncIterable<readonly Node[]>,
  test: Test<Node>,
): Promise<number> {
  let count = 0
  for await (const some of nodes) {
    const passes = await mapInTurns(some, test.passes)
    count += passes.filter((isChosen) => isChosen).length
  }
  return count
}

export async function chooseOwn<Node>(
  nodes: readonly MaybePromise<Node>[],
  test: Test<NonNullable<Node>>,
): Promise<readonly NonNullable<Node>[]> {
  const found = (await all(nodes)).filter((node) => node != null)
  const passes = await mapInTurns(found, test.passes)
  return found.filter((_node, i) => passes[i])
}
