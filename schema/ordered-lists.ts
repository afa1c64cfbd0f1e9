import type { Role } from '../src/model/ranges.ts'
import { listFor } from '../src/view/lists.ts'
import type { Order, SortField } from '../src/view/order.ts'
import { descendingList, type OrderedList, orderedListFor } from '../src/view/ordered-lists.ts'
import type { NodeOf, OrderedRange, RecordKind, RecordTest } from '../src/view/scan.ts'
import type { View } from '../src/view/view.ts'
import { type ListArgs, namedDistrict, onlyDistrict, readConnection } from './lists.ts'
import { ORDERS, type OrderBy } from './order.ts'
import { decodePlace, encodePlace } from './order-cursor.ts'
import {
  type Connection,
  connect,
  decodeCursor,
  ListConnection,
  MAX_PAGE_SIZE,
  parsePaging,
} from './paging.ts'

type OrderedArgs = ListArgs & { readonly orderBy?: OrderBy | null | undefined }

/**
 * A page of a viewer's list in the order of `orderBy`; by id unless given. Undefined for a district that the
 * viewer cannot reach. Throws BAD_USER_INPUT and the errors of the view.
 */
export function readOrdered<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  args: OrderedArgs,
  test: RecordTest<R> | undefined,
  orderOf: (field: SortField, isDescending: boolean) => Order<R>,
): Connection<NodeOf<R>> | undefined {
  const { field, isDescending } = ORDERS[args.orderBy ?? 'ID_ASC']
  if (field === 'ID' && !isDescending) return readConnection(view, kind, args, test)
  const whichDistrict = () => onlyDistrict(view)
  if (field === 'ID') {
    const reach = parsePaging(args, MAX_PAGE_SIZE, decodeCursor)
    const named = namedDistrict(view, args)
    if (named === 'NONE') return undefined
    const list = listFor(view, kind, named, whichDistrict, test)
    return list && connect(descendingList(list), reach)
  }
  const paging = parsePaging(args, MAX_PAGE_SIZE, (cursor) => decodePlace(view, field, cursor))
  const named = namedDistrict(view, args)
  if (named === 'NONE') return undefined
  const list = orderedListFor(view, kind, named, whichDistrict, test)
  return list && connectOrdered(view, list, { ...paging, order: orderOf(field, isDescending) })
}

/** Throws the errors of the list. */
function connectOrdered<R extends Role>(
  view: View,
  list: OrderedList<R>,
  reach: OrderedRange<R>,
): Connection<NodeOf<R>> {
  const { order } = reach
  const { nodes, hasMore } = list.page(reach)
  const cursorOf = (node: NodeOf<R>) => encodePlace(view, order.field, order.placeOf(node))
  const [first, last] = [nodes.at(0), nodes.at(-1)]
  return new ListConnection(
    reach,
    {
      nodes,
      hasMore,
      startCursor: first && cursorOf(first),
      endCursor: last && cursorOf(last),
      cursorOf,
      disclose: () => list.disclose(nodes),
    },
    list.count,
  )
}
