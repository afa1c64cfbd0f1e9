import type { SortField } from '../src/view/order.ts'
import { builder } from './builder.ts'
import { SCAN_COMPLEXITY } from './filters.ts'

/** The meaning of each value of the enums. Clever keeps lists by id; any other order takes a scan. */
export const ORDERS = {
  ID_ASC: { field: 'ID', isDescending: false },
  ID_DESC: { field: 'ID', isDescending: true },
  NAME_ASC: { field: 'NAME', isDescending: false },
  NAME_DESC: { field: 'NAME', isDescending: true },
  LAST_MODIFIED_ASC: { field: 'LAST_MODIFIED', isDescending: false },
  LAST_MODIFIED_DESC: { field: 'LAST_MODIFIED', isDescending: true },
} as const satisfies Readonly<Record<string, { field: SortField | 'ID'; isDescending: boolean }>>

export type OrderBy = keyof typeof ORDERS

const SCAN_COST =
  'Cost: a scan of the whole list for each page; the list may be read first, with one call for 10,000 records.'

function valuesOf(name: string, lastModified: string) {
  return {
    ID_ASC: { description: 'The order by id, ascending, which is the default. Cost: none.' },
    ID_DESC: { description: 'The order by id, descending. Cost: none.' },
    NAME_ASC: { description: `${name} ${SCAN_COST}` },
    NAME_DESC: { description: `The reverse of \`NAME_ASC\`. ${SCAN_COST}` },
    LAST_MODIFIED_ASC: { description: `${lastModified} ${SCAN_COST}` },
    LAST_MODIFIED_DESC: { description: `The reverse of \`LAST_MODIFIED_ASC\`. ${SCAN_COST}` },
  } as const satisfies Readonly<Record<OrderBy, { description: string }>>
}

const COLLATION =
  'in the Unicode order for US English, with equal names by id and records without a name last.'

export const ContactOrder = builder.enumType('ContactOrder', {
  description: 'The order of a list of contacts.',
  values: valuesOf(
    `The order by \`displayName\`, ${COLLATION} Clever has the whole name as one text, so most contacts sort by first name.`,
    'The order by `lastModifiedAt`, the oldest first, with equal times by id. For a viewer who may not see `lastModifiedAt`, the order is by id.',
  ),
})

export const StudentOrder = builder.enumType('StudentOrder', {
  description: 'The order of a list of students.',
  values: valuesOf(
    `The order by last name, then first name, then middle name, ${COLLATION}`,
    'The order by `lastModifiedAt`, the oldest first, with equal times by id and records without a time last.',
  ),
})

export function orderComplexity(orderBy: OrderBy | null | undefined): number {
  return orderBy == null || ORDERS[orderBy].field === 'ID' ? 1 : SCAN_COMPLEXITY
}

export const orderArgument = {
  description:
    'The order of the list. The default is by id, ascending. Use the same order for all pages of a list. A cursor holds a position: if a record changes or is deleted, no page repeats or skips other records.',
}
