import type { District } from '../src/districts.ts'
import { parseDistrictId } from '../src/model/ids.ts'
import type { Role } from '../src/model/ranges.ts'
import { viewerDistrict, viewerDistricts } from '../src/view/districts.ts'
import { listFor } from '../src/view/lists.ts'
import type { NodeOf, RecordKind, RecordTest } from '../src/view/scan.ts'
import type { View } from '../src/view/view.ts'
import { given } from './blank-arguments.ts'
import { badInput } from './errors.ts'
import {
  type Connection,
  connect,
  decodeCursor,
  MAX_PAGE_SIZE,
  type PagingArgs,
  parsePaging,
} from './paging.ts'

export type ListArgs = PagingArgs & { readonly districtId?: string | null | undefined }

/**
 * A page of a viewer's list. Undefined for a district that the viewer cannot reach. Throws BAD_USER_INPUT and
 * the errors of the view.
 */
export function readConnection<R extends Role>(
  view: View,
  kind: RecordKind<R>,
  args: ListArgs,
  test?: RecordTest<R>,
  largest = MAX_PAGE_SIZE,
): Connection<NodeOf<R>> | undefined {
  const reach = parsePaging(args, largest, decodeCursor)
  const named = namedDistrict(view, args)
  if (named === 'NONE') return undefined
  return connect(
    listFor(view, kind, named, () => onlyDistrict(view), test),
    reach,
  )
}

/** Undefined if the arguments name no district; NONE for a district that the viewer cannot reach. */
export function namedDistrict(view: View, args: ListArgs): District | 'NONE' | undefined {
  const districtId = given(args.districtId)
  return districtId === undefined ? undefined : (findDistrict(view, districtId) ?? 'NONE')
}

/** Undefined for an id that is not that of a district that the viewer can reach. */
export function findDistrict(view: View, id: string): District | undefined {
  const districtId = parseDistrictId(id)
  return districtId && viewerDistrict(view, districtId)
}

/** Throws BAD_USER_INPUT if there are several to choose from. */
export function onlyDistrict(view: View): District | undefined {
  const [first, ...others] = viewerDistricts(view)
  if (others.length > 0)
    throw badInput('The viewer has several districts. Use `districtId`; `districts` lists them.')
  return first
}
