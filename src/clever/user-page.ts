import { CleverAnswerInvalid } from '../model/clever-errors.ts'
import { type EncodedRecord, encodeForRole } from '../model/codec.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { KeptFields } from '../model/optional-fields.ts'
import { idOf, type Role } from '../model/ranges.ts'
import { type PageLinks, parsePage } from './pages.ts'
import { parseJson } from './read-answer.ts'
import { RecordCounter, type RecordCounts } from './record-counts.ts'
import { parseUser } from './records.ts'

/** What a page of users is read for. */
export interface UserPageQuestion {
  readonly role: Role
  readonly districtId: DistrictId
  readonly keptFields: KeptFields
}

/** A page of users, encoded for one role. Plain values, so that a worker can send it. */
export interface UserPage extends PageLinks {
  /** In the order of the page. A record that is on the page twice in a row counts once. */
  readonly ids: readonly UserId[]
  /** For each id: UNREADABLE where the record could not be read, undefined for a user without the role. */
  readonly encoded: readonly (EncodedRecord | undefined)[]
  /** Whether an element has no readable id. */
  readonly hasNameless: boolean
  readonly counts: RecordCounts
}

const decoder = new TextDecoder()

/**
 * Reads the body of a page. Costs about 10 µs a row. Throws CleverUnavailable for a body that is not JSON, and
 * CleverAnswerInvalid for one that is not a list.
 */
export function readUserPage(
  body: ArrayBuffer,
  { role, districtId, keptFields }: UserPageQuestion,
): UserPage {
  const { items, ...links } = parsePage(parseJson(decoder.decode(body)))
  const counter = new RecordCounter()
  const ids: UserId[] = []
  const encoded: (EncodedRecord | undefined)[] = []
  let hasNameless = false
  for (const item of items) {
    const id = idOf(item)
    // A repeated record does no harm: the order of the page still proves its range.
    if (id !== undefined && id === ids.at(-1)) continue
    const user = counter.count(parseUser(item, districtId, keptFields))
    if (id === undefined) {
      hasNameless = true
      continue
    }
    ids.push(id)
    encoded.push(encodeForRole(role, user))
  }
  // Without an id, the next page cannot be requested.
  if (items.length > 0 && ids.length === 0) throw new CleverAnswerInvalid('a page without ids')
  return { ...links, ids, encoded, hasNameless, counts: counter.counts }
}
