import type { DistrictId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import type { Change } from '../directory/change.ts'
import type { Steps } from '../maybe-promise.ts'
import { changedFields, isWhole, type Sight } from './changed-fields.ts'
import type { VisibleChange } from './reader.ts'

export interface Eyes {
  /** How much of a contact may be seen, by this record of it and by all else as of now; undefined for nothing. */
  readonly sightOf: (record: ContactRecord) => Steps<Sight | undefined>
  readonly mayReach: (districtId: DistrictId) => Steps<boolean>
  readonly isWholeDistrict: () => Steps<boolean>
}

/** What a change is to one viewer; undefined where there is nothing in it for him. */
export function* seeChange(change: Change, eyes: Eyes): Steps<VisibleChange | undefined> {
  if (!(yield* eyes.mayReach(change.districtId))) return undefined
  const before = change.before && (yield* eyes.sightOf(change.before))
  const after = change.after && (yield* eyes.sightOf(change.after))
  const seen = (kind: Change['kind'], changed?: readonly string[]): VisibleChange => ({
    change,
    kind,
    changedFields: changed,
  })
  if (change.kind === 'SUCCEEDED') {
    // That one contact was another is told to whoever might have seen both.
    const wasSeen = before !== undefined || (change.before === undefined && (yield* eyes.isWholeDistrict()))
    return wasSeen && after !== undefined ? seen('SUCCEEDED') : undefined
  }
  if (after === undefined) return before && seen('DELETED')
  if (change.kind === 'CREATED') return seen('CREATED')
  // Where nobody knows what was before, something that is hidden may be all that has changed.
  if (change.before === undefined) return isWhole(after) ? seen('UPDATED') : undefined
  if (before === undefined) return seen('CREATED')
  const changed = changedFields(before, after)
  return changed.length === 0 ? undefined : seen('UPDATED', changed)
}
