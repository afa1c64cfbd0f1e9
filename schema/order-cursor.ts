import { z } from 'zod'
import { principalKey } from '../src/access/principal.ts'
import { parseUserId } from '../src/model/ids.ts'
import type { Place, SortField } from '../src/view/order.ts'
import type { View } from '../src/view/view.ts'
import { badInput } from './errors.ts'

/** The field, the id, and the texts to compare. */
const content = z.tuple([z.string(), z.string().transform(parseUserId), z.array(z.string())])

/**
 * A cursor of a sorted list holds the values that the record was sorted by. They are encrypted, because cursors get into URLs and
 * logs, and only the same principal can use the cursor. JSON writes control characters as escapes, so that the padding is unique.
 */
export function encodePlace(view: View, field: SortField, { sortKey, id }: Place): string {
  return view.request.services.sealer.seal(JSON.stringify([field, id, sortKey]), ownerOf(view))
}

/** Throws BAD_USER_INPUT. */
export function decodePlace(view: View, field: SortField, cursor: string): Place {
  const text = view.request.services.sealer.open(cursor, ownerOf(view))
  const [sealedField, id, sortKey] =
    text === undefined ? [] : (content.safeParse(JSON.parse(text)).data ?? [])
  if (id === undefined || sortKey === undefined || sealedField !== field)
    throw badInput(
      'The cursor did not come from this list in this order, was given to another viewer, or has expired. Start again without a cursor.',
    )
  return { id, sortKey }
}

function ownerOf({ request }: View): string {
  return principalKey(request.context.principal)
}
