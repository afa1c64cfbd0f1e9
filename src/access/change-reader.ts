import type { Districts } from '../clever/districts.ts'
import { CleverAnswerInvalid } from '../clever/errors.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import { type ContactRecord, studentIdsOf } from '../clever/records.ts'
import type { Change } from '../directory/change.ts'
import type { Loaders } from '../loaders/create-loaders.ts'
import { all, type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import type { Sight } from './changed-fields.ts'
import { type Privilege, VIEW_CONTACTS } from './policy.ts'
import type { Reader, VisibleChange, VisibleContact, VisibleRelationship } from './reader.ts'
import { seeChange } from './see-change.ts'

export interface ChangeReaderOptions {
  readonly districts: Districts
  readonly loaders: Loaders
  /** A guardian's own. */
  readonly ownContactIds: ReadonlySet<UserId>
  readonly isWholeDistrict: () => Steps<boolean>
  readonly mayInDistrict: (privilege: Privilege) => Steps<boolean>
  readonly discloseContact: (contact: VisibleContact) => Steps<VisibleContact>
  readonly relationshipsVisible: (
    told: Pick<VisibleContact, 'record' | 'since'>,
  ) => Steps<readonly VisibleRelationship[]>
}

/** Changes as far as the principal may see them. Throws what the reader throws. */
export function createChangeReader(options: ChangeReaderOptions): Pick<Reader, 'change' | 'contactOfChange'> {
  const { districts, loaders, ownContactIds, isWholeDistrict } = options
  const { mayInDistrict, discloseContact, relationshipsVisible } = options

  /** By a record that may be older or newer than what is known: what may be seen of such a contact as of now. */
  function* sightOf(record: ContactRecord): Steps<Sight | undefined> {
    const told = { record, since: 0 }
    if (yield* isWholeDistrict()) {
      if (!(yield* mayInDistrict(VIEW_CONTACTS))) return undefined
      yield* discloseContact({ ...told, detail: 'FULL' })
    }
    const visible = yield* relationshipsVisible(told)
    const entries = visible.map(({ entry }) => entry)
    if (ownContactIds.has(record.id) || (yield* isWholeDistrict())) return { record, entries, detail: 'FULL' }
    if (!(yield* isAnyShared(record, entries))) return undefined
    return {
      record,
      entries,
      detail: visible.some(({ contact }) => contact.detail === 'FULL') ? 'FULL' : 'NAME',
    }
  }

  /** Clever names no contacts of a student who is not shared, so nobody is seen through her. One who cannot be read is. */
  function* isAnyShared({ districtId }: ContactRecord, entries: Sight['entries']): Steps<boolean> {
    const ids = [...studentIdsOf(entries)]
    const areShared = yield* wait(all(ids.map((id) => run(isShared(id, districtId)))))
    return areShared.includes(true)
  }

  function* isShared(id: UserId, districtId: DistrictId): Steps<boolean> {
    try {
      return (yield* wait(loaders.record('student', { id, districtId }))).value !== undefined
    } catch (error) {
      if (error instanceof CleverAnswerInvalid) return true
      throw error
    }
  }

  const eyes = {
    sightOf,
    isWholeDistrict,
    // By the token: a guardian whose own record has gone hears of that too.
    *mayReach(districtId: DistrictId) {
      return (yield* wait(districts.one(districtId))) !== undefined
    },
  }
  const changes = new Map<Change, MaybePromise<VisibleChange | undefined>>()

  function change(each: Change): MaybePromise<VisibleChange | undefined> {
    const seen = changes.get(each) ?? run(seeChange(each, eyes))
    changes.set(each, seen)
    return seen
  }

  function* contactOfChange({ change, kind }: VisibleChange): Steps<VisibleContact | undefined> {
    if (kind === 'DELETED') return undefined
    const { contactId: id, districtId } = change
    const { value: record, since } = yield* wait(loaders.record('contact', { id, districtId }))
    const sight = record && (yield* sightOf(record))
    return sight && { record: sight.record, detail: sight.detail, since }
  }

  return { change, contactOfChange: (visible) => run(contactOfChange(visible)) }
}
