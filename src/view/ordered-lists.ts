import type { District } from '../districts.ts'
import type { Role } from '../model/ranges.ts'
import { listFor, type Page, type ViewerList } from './lists.ts'
import type {
  CursorRange,
  NodeOf,
  OrderedRange,
  RecordKind,
  RecordTest,
  ScanRequest,
  ScanResult,
} from './scan.ts'
import { sourceKey } from './scan-key.ts'
import type { View } from './view.ts'

/** A list as one viewer sees it, sorted by something other than the id. It has the same records as the list by id. */
export interface OrderedList<R extends Role> {
  page(cursorRange: OrderedRange<R>): Pick<Page<NodeOf<R>>, 'nodes' | 'hasMore'>
  readonly count: ViewerList<R>['count']
  disclose(nodes: readonly NodeOf<R>[]): void
}

/** The same list in descending order of id. Cost: the same. */
export function descendingList<R extends Role>(list: ViewerList<R>): ViewerList<R> {
  return {
    ...list,
    page({ direction, ...cursorRange }: CursorRange) {
      const opposite = direction === 'forwards' ? 'backwards' : 'forwards'
      const { nodes, firstId, lastId, hasMore } = list.page({ ...cursorRange, direction: opposite })
      return { nodes: nodes.toReversed(), firstId: lastId, lastId: firstId, hasMore }
    },
  }
}

/**
 * Undefined for a viewer of several districts who names none. Each page is one scan of the whole list, outside of execution.
 * The scan decides by the same rules as the list by id, so both show the same records.
 */
export function orderedListFor<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  district: District | undefined,
  onlyDistrict: () => District | undefined,
  test: RecordTest<R> | undefined,
): OrderedList<R> | undefined {
  const byId = listFor(view, kind, district, onlyDistrict, test)
  if (byId === undefined) return undefined
  const source = sourceOf(
    view,
    kind,
    district ?? (view.viewer.seesWholeDistrict ? onlyDistrict() : undefined),
  )
  const disclose = (nodes: readonly NodeOf<R>[]) => {
    for (const node of nodes) kind.disclose(view, node)
  }
  return {
    count: byId.count,
    disclose,
    page(cursorRange) {
      if (source === undefined) return { nodes: [], hasMore: false }
      const result = scan(view, {
        kind,
        test: test ?? ALL,
        source,
        cursorRange: undefined,
        ordered: cursorRange,
      })
      const nodes = result.records.map(({ record, asOf }) => kind.node(view, record, asOf))
      // A match with a filter discloses the record even if the query selects none of its fields.
      if (test?.disclosesMatches) disclose(nodes)
      return { nodes, hasMore: result.hasMore }
    },
  }
}

const ALL = { key: '', neededRoles: [], disclosesMatches: false, matches: () => true }

/** Undefined for a viewer of a whole district who may not see these records: no call is made then. */
function sourceOf<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  district: District | undefined,
): ScanRequest<R>['source'] | undefined {
  if (!view.viewer.seesWholeDistrict) return { ids: kind.ownIds(view, district?.client.districtId) }
  if (district === undefined || !view.viewer.mayInDistrict(kind.privilege)) return undefined
  view.request.addDemand(district, kind.role)
  return { districtId: district.client.districtId }
}

function scan<R extends Role>(view: View, request: ScanRequest<R>): ScanResult<R> {
  const { kind, test, source, ordered } = request
  const where = sourceKey(view, source)
  const { order, direction, beyond, limit } = ordered ?? {}
  const range = JSON.stringify([order?.field, order?.isDescending, direction, beyond, limit])
  const result = view.require<ScanResult<R>>(`scan ${kind.role} ${where} ${range} ${test.key}`, (fetch) =>
    fetch.scan(request),
  )
  view.dated({ value: undefined, asOf: result.asOf })
  return result
}
