import { VIEW_CONTACTS, VIEW_STUDENT } from '../access/policy.ts'
import type { District } from '../districts.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import type { ContactRecord } from '../model/records.ts'
import type { Known, Listed, RecordOf } from '../store/district-store.ts'
import { collect, ownContacts } from './contacts.ts'
import { MISSING } from './missing.ts'
import type { Kind, NodeOf, Reach, ScanRequest, ScanResult, Test } from './scan.ts'
import { disclose, seeContact, seeStudent } from './sight.ts'
import { findStudentRecord, ownStudentIds } from './students.ts'
import type { View } from './view.ts'

export interface Page<Node> {
  readonly nodes: readonly Node[]
  /** The ids at the edges of the page, also if those records could not be read. */
  readonly firstId: UserId | undefined
  readonly lastId: UserId | undefined
  readonly hasMore: boolean
}

/** One list as one viewer sees it: a whole district, or the viewer's own records. */
export interface ViewerList<R extends Role> {
  page(reach: Reach): Page<NodeOf<R>>
  /** Undefined if Clever does not count. */
  count(): number | undefined
  disclose(page: Page<NodeOf<R>>): void
}

const EMPTY = { nodes: [], firstId: undefined, lastId: undefined, hasMore: false }

export const CONTACTS: Kind<'contact'> = {
  role: 'contact',
  privilege: VIEW_CONTACTS,
  ownIds: (view, districtId) =>
    [...ownContacts(view).values()]
      .filter(({ record }) => (districtId ?? record.districtId) === record.districtId)
      .map(({ id }) => id),
  own: (view, id) => ownContacts(view).get(id),
  node: (view, record, since) => seeContact(view, record, detailOf(view, record), since),
  record: ({ record }) => record,
  since: (view, { record }) => view.sinceOf(record),
  disclose: (view, node) => void disclose(view, node),
}

export const STUDENTS: Kind<'student'> = {
  role: 'student',
  privilege: VIEW_STUDENT,
  ownIds: ownShownStudentIds,
  own: (view, id) => {
    const record = findStudentRecord(view, { id })
    return record && seeStudent(view, record)
  },
  node: (view, record) => seeStudent(view, record),
  record: ({ record }) => record,
  since: (view) => view.oldest,
  disclose: (view, { id }) => view.disclosures.add(id, VIEW_STUDENT, view.viewer.access(id).student.reason),
}

/** Undefined for a viewer of several districts who names none: the caller reports that. */
export function listFor<R extends Role>(
  view: View,
  kind: Kind<R>,
  district: District | undefined,
  onlyDistrict: () => District | undefined,
  test?: Test<R>,
): ViewerList<R> | undefined {
  if (!view.viewer.seesDistrict) return ownList(view, kind, district?.client.districtId, test)
  if (!view.viewer.mayInDistrict(kind.privilege))
    return { page: () => EMPTY, count: () => 0, disclose: () => {} }
  const there = district ?? onlyDistrict()
  return there && districtList(view, kind, there, test)
}

function disclosing<R extends Role>(view: View, kind: Kind<R>): Pick<ViewerList<R>, 'disclose'> {
  return {
    disclose({ nodes }) {
      for (const node of nodes) kind.disclose(view, node)
    },
  }
}

function districtList<R extends Role>(
  view: View,
  kind: Kind<R>,
  district: District,
  test: Test<R> | undefined,
): ViewerList<R> {
  const { districtId } = district.client
  if (test !== undefined) return scannedList(view, kind, test, { districtId })
  return {
    ...disclosing(view, kind),
    page(reach) {
      const { value, since } = readPage(view, kind.role, district, reach)
      const { records, ...page } = value
      return { ...page, nodes: nodesOf(view, kind, records, since) }
    },
    count: () => readCount(view, kind.role, district),
  }
}

/** Nodes of pages that the store keeps, as viewers see them who may see all of a district. */
const wholePages = new WeakMap<readonly object[], readonly object[]>()

function nodesOf<R extends Role>(
  view: View,
  kind: Kind<R>,
  records: readonly RecordOf<R>[],
  since: number,
): readonly NodeOf<R>[] {
  const { viewer, request } = view
  const isShared =
    viewer.mayInDistrict(VIEW_STUDENT) && viewer.mayInDistrict(VIEW_CONTACTS) && request.pins.size === 0
  const known = isShared ? (wholePages.get(records) as readonly NodeOf<R>[] | undefined) : undefined
  if (known !== undefined) {
    view.countNodes(known.length)
    return known
  }
  const nodes = records.map((record) => kind.node(view, record, since))
  if (isShared) wholePages.set(records, nodes)
  return nodes
}

function readPage<R extends Role>(view: View, role: R, district: District, reach: Reach): Known<Listed<R>> {
  view.request.noteInterest(district, role)
  const range = { ...reach, role }
  const known = district.directory.list(range, view.displayNotBefore(district))
  if (known !== undefined) return view.told(known)
  const { districtId } = district.client
  return view.fetched(
    `page ${districtId} ${role} ${reach.direction} ${reach.beyond} ${reach.limit}`,
    (fetch) => fetch.page(districtId, range),
    (older) => district.directory.list(range, older),
  )
}

function readCount(view: View, role: Role, district: District): number | undefined {
  const known = district.directory.count(role, view.displayNotBefore(district))
  if (known !== undefined) return view.told(known).value
  const { districtId } = district.client
  return view.fetched<number | undefined>(
    `count ${districtId} ${role}`,
    (fetch) => fetch.count(districtId, role),
    (older) => district.directory.count(role, older),
  ).value
}

function ownList<R extends Role>(
  view: View,
  kind: Kind<R>,
  districtId: DistrictId | undefined,
  test: Test<R> | undefined,
): ViewerList<R> {
  const ids = kind.ownIds(view, districtId)
  if (test !== undefined) return scannedList(view, kind, test, { ids })
  return {
    ...disclosing(view, kind),
    page(reach) {
      const { chosen, hasMore } = cut(ids, reach)
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

/** A page of ascending ids, cut as Clever cuts a district: by a range of ids. */
function cut(ids: readonly UserId[], { direction, beyond, limit }: Reach) {
  if (direction === 'forwards') {
    const rest = beyond === undefined ? ids : ids.filter((id) => id > beyond)
    return { chosen: rest.slice(0, limit), hasMore: rest.length > limit }
  }
  const rest = beyond === undefined ? ids : ids.filter((id) => id < beyond)
  return { chosen: rest.slice(-limit), hasMore: rest.length > limit }
}

function scannedList<R extends Role>(
  view: View,
  kind: Kind<R>,
  test: Test<R>,
  source: ScanRequest<R>['source'],
): ViewerList<R> {
  const where = 'ids' in source ? `own ${source.ids.length} ${source.ids.at(0)}` : source.districtId
  function scan(reach: Reach | undefined): ScanResult<R> {
    const range = reach && `${reach.direction} ${reach.beyond} ${reach.limit}`
    const result = view.require<ScanResult<R>>(`scan ${kind.role} ${where} ${range} ${test.key}`, (fetch) =>
      fetch.scan({ kind, test, source, reach }),
    )
    view.told({ value: undefined, since: result.since })
    return result
  }
  const nodesOf = ({ records }: ScanResult<R>) =>
    records.map(({ record, since }) => kind.node(view, record, since))
  /** A match is disclosed although no field of the record may be selected. */
  const found = (nodes: readonly NodeOf<R>[]) => {
    if (test.reveals) for (const node of nodes) kind.disclose(view, node)
    return nodes
  }
  return {
    ...disclosing(view, kind),
    page(reach) {
      const result = scan(reach)
      const nodes = found(nodesOf(result))
      const ids = result.records.map(({ record }) => record.id)
      return { nodes, firstId: ids.at(0), lastId: ids.at(-1), hasMore: result.hasMore }
    },
    count() {
      const result = scan(undefined)
      if (test.reveals) found(nodesOf(result))
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

/** FULL if any of the contact's students gives the viewer all of it. */
function detailOf(view: View, record: ContactRecord) {
  const { viewer } = view
  // Records are far apart in memory: for most viewers this one is not looked at.
  if (viewer.seesDistrict) return 'FULL'
  const { id, relationships } = record
  if (viewer.isOwnContact(id)) return 'FULL'
  return relationships.some(({ studentId }) => viewer.grounds(id, studentId)?.detail === 'FULL')
    ? 'FULL'
    : 'NAME'
}
