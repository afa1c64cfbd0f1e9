import type { CleverClient } from '../clever/client.ts'
import { PAST_EVERY_ID, type UserId } from '../clever/ids.ts'
import type { Role } from '../clever/ranges.ts'
import type { StudentRecord } from '../clever/records.ts'
import type { Loaders } from '../loaders/create-loaders.ts'
import { all, run, type Steps, wait } from '../maybe-promise.ts'
import { type Candidates, choosePage, countThose } from './candidates.ts'
import type { Decision } from './decide.ts'
import type { Disclosures } from './disclosures.ts'
import { type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Page, Reach, Test, VisibleContact } from './reader.ts'

const FORWARDS = { direction: 'forwards', beyond: undefined } as const
const NOTHING = { nodes: [], firstId: undefined, lastId: undefined, hasMore: false }

/** The lists of a whole district, for whoever may see all of it. Throws what the reader throws. */
export interface DistrictLists {
  studentsIn(client: CleverClient, reach: Reach, test?: Test<StudentRecord>): Steps<Page<StudentRecord>>
  contactsIn(client: CleverClient, reach: Reach, test?: Test<VisibleContact>): Steps<Page<VisibleContact>>
  countStudents(client: CleverClient, test?: Test<StudentRecord>): Steps<number | undefined>
  countContacts(client: CleverClient, test?: Test<VisibleContact>): Steps<number | undefined>
  seesAll(): Steps<boolean>
  contactsToReport(client: CleverClient): Steps<AsyncIterable<readonly VisibleContact[]> | undefined>
}

export interface DistrictListsOptions {
  readonly loaders: Loaders
  readonly disclosures: Disclosures
  readonly candidates: Candidates
  readonly may: (privilege: Privilege, studentId: UserId) => Steps<Decision>
  /** Of a district all students are alike: what holds for one holds for each. */
  readonly mayInDistrict: (privilege: Privilege) => Steps<boolean>
  readonly discloseContact: (contact: VisibleContact) => Steps<VisibleContact>
}

export function createDistrictLists(options: DistrictListsOptions): DistrictLists {
  const { loaders, disclosures, candidates, may, mayInDistrict, discloseContact } = options

  async function* everyStudent(
    client: CleverClient,
    reach: Omit<Reach, 'limit'>,
    readFirst: readonly Role[],
  ) {
    for await (const { value } of loaders.scan(client, { ...reach, role: 'student', readFirst })) yield value
  }

  async function* everyContact(
    client: CleverClient,
    reach: Omit<Reach, 'limit'>,
    readFirst: readonly Role[],
  ) {
    for await (const { value, since } of loaders.scan(client, { ...reach, role: 'contact', readFirst })) {
      yield value.map((record): VisibleContact => ({ record, since, detail: 'FULL' }))
    }
  }

  function* pageOfStudents(client: CleverClient, reach: Reach, test?: Test<StudentRecord>) {
    if (test !== undefined)
      return yield* wait(choosePage(everyStudent(client, reach, test.asksFor), reach, test, ({ id }) => id))
    const { value } = yield* wait(loaders.page(client, { ...reach, role: 'student' }))
    const { records: nodes, ...page } = value
    return { ...page, nodes }
  }

  function* studentsIn(
    client: CleverClient,
    reach: Reach,
    test?: Test<StudentRecord>,
  ): Steps<Page<StudentRecord>> {
    if (!(yield* mayInDistrict(VIEW_STUDENT))) return NOTHING
    const page = yield* pageOfStudents(client, reach, test)
    const { because } = yield* may(VIEW_STUDENT, PAST_EVERY_ID)
    for (const { id } of page.nodes) disclosures.add(id, VIEW_STUDENT, because)
    return page
  }

  function* pageOfContacts(client: CleverClient, reach: Reach, test?: Test<VisibleContact>) {
    if (test !== undefined) {
      const contacts = everyContact(client, reach, test.asksFor)
      return yield* wait(choosePage(contacts, reach, candidates.narrowed(test), ({ record }) => record.id))
    }
    const { value, since } = yield* wait(loaders.page(client, { ...reach, role: 'contact' }))
    const { records, ...page } = value
    return { ...page, nodes: records.map((record) => ({ record, since, detail: 'FULL' as const })) }
  }

  function* contactsIn(
    client: CleverClient,
    reach: Reach,
    test?: Test<VisibleContact>,
  ): Steps<Page<VisibleContact>> {
    if (!(yield* mayInDistrict(VIEW_CONTACTS))) return NOTHING
    const page = yield* pageOfContacts(client, reach, test)
    const nodes = yield* wait(all(page.nodes.map((contact) => run(discloseContact(contact)))))
    return { ...page, nodes }
  }

  function* seesAll(): Steps<boolean> {
    return (yield* mayInDistrict(VIEW_STUDENT)) && (yield* mayInDistrict(VIEW_CONTACTS))
  }

  function* contactsToReport(
    client: CleverClient,
  ): Steps<AsyncIterable<readonly VisibleContact[]> | undefined> {
    return (yield* seesAll()) ? everyContact(client, FORWARDS, ['student', 'contact']) : undefined
  }

  function* countStudents(client: CleverClient, test?: Test<StudentRecord>): Steps<number | undefined> {
    if (!(yield* mayInDistrict(VIEW_STUDENT))) return 0
    if (test === undefined) return yield* wait(loaders.count(client, 'student'))
    return yield* wait(countThose(everyStudent(client, FORWARDS, test.asksFor), test))
  }

  function* countContacts(client: CleverClient, test?: Test<VisibleContact>): Steps<number | undefined> {
    if (!(yield* mayInDistrict(VIEW_CONTACTS))) return 0
    if (test === undefined) return yield* wait(loaders.count(client, 'contact'))
    return yield* wait(countThose(everyContact(client, FORWARDS, test.asksFor), candidates.narrowed(test)))
  }

  return { studentsIn, contactsIn, countStudents, countContacts, seesAll, contactsToReport }
}
