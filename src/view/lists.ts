import { VIEW_CONTACTS, VIEW_STUDENT } from '../access/policy.ts'
import type { District } from '../districts.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import type { ContactRecord } from '../model/records.ts'
import type { Dated, RecordOf, RecordPage } from '../store/district-store.ts'
import { collect, ownContacts } from './contacts.ts'
import { MISSING } from './missing.ts'
import type { CursorRange, NodeOf, RecordKind, RecordTest, ScanRequest, ScanResult } from './scan.ts'
import { sourceKey } from './scan-key.ts'
import { findStudentRecord, ownStudentIds } from './students.ts'
import type { View } from './view.ts'
import { disclose, seeContact, seeStudent } from './visible.ts'

export interface Page<Node> {
  readonly nodes: readonly Node[]
  /** The ids at the edges of the page, even if those records could not be read. */
  readonly firstId: UserId | undefined
  readonly lastId: UserId | undefined
  readonly hasMore: boolean
}

/** One list as one viewer sees it: a whole district, or the viewer's own records. */
export interface ViewerList<R extends Role> {
  page(cursorRange: CursorRange): Page<NodeOf<R>>
  /** Undefined if Clever does not count. */
  count(): number | undefined
  disclose(page: Page<NodeOf<R>>): void
}

const EMPTY = { nodes: [], firstId: undefined, lastId: undefined, hasMore: false }

export const CONTACTS: RecordKind<'contact'> = {
  role: 'contact',
  privilege: VIEW_CONTACTS,
  ownIds: (view, districtId) =>
    [...ownContacts(view).values()]
      .filter(({ record }) => (districtId ?? record.districtId) === record.districtId)
      .map(({ id }) => id),
  own: (view, id) => ownContacts(view).get(id),
  node: (view, record, asOf) => seeContact(view, record, detailOf(view, record), asOf),
  record: ({ record }) => record,
  asOf: (view, { record }) => view.asOfTime(record),
  disclose: (view, node) => void disclose(view, node),
}

export const STUDENTS: RecordKind<'student'> = {
  role: 'student',
  privilege: VIEW_STUDENT,
  ownIds: ownShownStudentIds,
  own: (view, id) => {
    const record = findStudentRecord(view, { id })
    return record && seeStudent(view, record)
  },
  node: (view, record) => seeStudent(view, record),
  record: ({ record }) => record,
  asOf: (view) => view.oldestAsOf,
  disclose: (view, { id }) => view.disclosures.add(id, VIEW_STUDENT, view.viewer.access(id).student.reason),
}

/** Undefined for a viewer of several districts who names none: the resolver reports that. */
export function listFor<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  district: District | undefined,
  onlyDistrict: () => District | undefined,
  test?: RecordTest<R>,
): ViewerList<R> | undefined {
  if (!view.viewer.seesWholeDistrict) return ownList(view, kind, district?.client.districtId, test)
  if (!view.viewer.mayInDistrict(kind.privilege))
    return { page: () => EMPTY, count: () => 0, disclose: () => {} }
  const there = district ?? onlyDistrict()
  return there && districtList(view, kind, there, test)
}

function disclosing<R extends Role>(view: View, kind: RecordKind<R>): Pick<ViewerList<R>, 'disclose'> {
  return {
    disclose({ nodes }) {
      for (const node of nodes) kind.disclose(view, node)
    },
  }
}

function districtList<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  district: District,
  test: RecordTest<R> | undefined,
): ViewerList<R> {
  const { districtId } = district.client
  if (test !== undefined) return scannedList(view, kind, test, { districtId })
  return {
    ...disclosing(view, kind),
    page(cursorRange) {
      const { value, asOf } = readPage(view, kind.role, district, cursorRange)
      const { records, ...page } = value
      return { ...page, nodes: nodesOf(view, kind, records, asOf) }
    },
    count: () => readCount(view, kind.role, district),
  }
}

/** The nodes of pages that the store keeps, for viewers who may see all of a district. */
const wholePages = new WeakMap<readonly object[], readonly object[]>()

function nodesOf<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  records: readonly RecordOf<R>[],
  asOf: number,
): readonly NodeOf<R>[] {
  const { viewer, request } = view
  const isShared =
    viewer.mayInDistrict(VIEW_STUDENT) && viewer.mayInDistrict(VIEW_CONTACTS) && request.pins.size === 0
  const known = isShared ? (wholePages.get(records) as readonly NodeOf<R>[] | undefined) : undefined
  if (known !== undefined) {
    view.countNodes(known.length)
    return known
  }
  const nodes = records.map((record) => kind.node(view, record, asOf))
  if (isShared) wholePages.set(records, nodes)
  return nodes
}

function readPage<R extends Role>(
  view: View,
  role: R,
  district: District,
  cursorRange: CursorRange,
): Dated<RecordPage<R>> {
  view.request.addDemand(district, role)
  const range = { ...cursorRange, role }
  const known = district.store.list(range, view.displayMinAsOf(district))
  view.countRead(district, known)
  if (known !== undefined) return view.dated(known)
  const { districtId } = district.client
  return view.fetched(
    `page ${districtId} ${role} ${cursorRange.direction} ${cursorRange.beyond} ${cursorRange.limit}`,
    (fetch) => fetch.page(districtId, range),
    (older) => district.store.list(range, older),
  )
}

function readCount(view: View, role: Role, district: District): number | undefined {
  const known = district.store.count(role, view.displayMinAsOf(district))
  view.countRead(district, known)
  if (known !== undefined) return view.dated(known).value
  const { districtId } = district.client
  return view.fetched<number | undefined>(
    `count ${districtId} ${role}`,
    (fetch) => fetch.count(districtId, role),
    (older) => district.store.count(role, older),
  ).value
}

function ownList<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  districtId: DistrictId | undefined,
  test: RecordTest<R> | undefined,
): ViewerList<R> {
  const ids = kind.ownIds(view, districtId)
  if (test !== undefined) return scannedList(view, kind, test, { ids })
  return {
    ...disclosing(view, kind),
    page(cursorRange) {
      const { chosen, hasMore } = cut(ids, cursorRange)
      const nodes = chosen.flatMap((id) => collect(view, () => [kind.own(view, id)]))
      if (view.missing.size > 0) throw MISSING
      return {
        nodes: nodes.filter((node) => node !== undefined),
        firstId: chosen.at(0),
        lastId: chosen.at(-1),
        hasMore,
      }
    },
    count: () => ids.length,
  }
}

/** A page of a list of ascending ids, selected by a range of ids, as in Clever. */
function cut(ids: readonly UserId[], { direction, beyond, limit }: CursorRange) {
  if (direction === 'forwards') {
    const rest = beyond === undefined ? ids : ids.filter((id) => id > beyond)
    return { chosen: rest.slice(0, limit), hasMore: rest.length > limit }
  }
  const rest = beyond === undefined ? ids : ids.filter((id) => id < beyond)
  return { chosen: rest.slice(-limit), hasMore: rest.length > limit }
}

function scannedList<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  test: RecordTest<R>,
  source: ScanRequest<R>['source'],
): ViewerList<R> {
  const where = sourceKey(view, source)
  function scan(cursorRange: CursorRange | undefined): ScanResult<R> {
    const range = cursorRange && `${cursorRange.direction} ${cursorRange.beyond} ${cursorRange.limit}`
    const result = view.require<ScanResult<R>>(`scan ${kind.role} ${where} ${range} ${test.key}`, (fetch) =>
      fetch.scan({ kind, test, source, cursorRange }),
    )
    view.dated({ value: undefined, asOf: result.asOf })
    return result
  }
  const nodesOf = ({ records }: ScanResult<R>) =>
    records.map(({ record, asOf }) => kind.node(view, record, asOf))
  /** A match is disclosed even if the query selects no field of the record. */
  const found = (nodes: readonly NodeOf<R>[]) => {
    if (test.disclosesMatches) for (const node of nodes) kind.disclose(view, node)
    return nodes
  }
  return {
    ...disclosing(view, kind),
    page(cursorRange) {
      const result = scan(cursorRange)
      const nodes = found(nodesOf(result))
      const ids = result.records.map(({ record }) => record.id)
      return { nodes, firstId: ids.at(0), lastId: ids.at(-1), hasMore: result.hasMore }
    },
    count() {
      const result = scan(undefined)
      if (test.disclosesMatches) found(nodesOf(result))
      return result.count
    },
  }
}

/** A guardian's or a student's own students may not be shared with this application: those do not count. */
function ownShownStudentIds(view: View, districtId: DistrictId | undefined): readonly UserId[] {
  const ids = ownStudentIds(view, districtId)
  if (view.viewer.principal.kind === 'STAFF') return ids
  const shown = ids.filter(
    (id) => collect(view, () => [findStudentRecord(view, { id, districtId })])[0] !== undefined,
  )
  if (view.missing.size > 0) throw MISSING
  return shown
}

/** FULL if any of the contact's students entitles the viewer to all of the contact. */
function detailOf(view: View, record: ContactRecord) {
  const { viewer } = view
  // Reading a record is slow, because records are far apart in memory. Most viewers do not need it here.
  if (viewer.seesWholeDistrict) return 'FULL'
  const { id, relationships } = record
  if (viewer.isOwnContact(id)) return 'FULL'
  return relationships.some(({ studentId }) => viewer.basis(id, studentId)?.detail === 'FULL')
    ? 'FULL'
    : 'NAME'
}
