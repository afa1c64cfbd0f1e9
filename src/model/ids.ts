/** Clever's ids are MongoDB ObjectIds in lower case, unique over all districts. Source: observed on the wire. */
const OBJECT_ID = /^[0-9a-f]{24}$/
/** Characters of an ObjectId. */
export const ID_LENGTH = 24

declare const brand: unique symbol
/** The v3 id of a Clever user: a student, a contact, or anyone else with a role. */
export type UserId = string & { readonly [brand]: 'UserId' }
export type DistrictId = string & { readonly [brand]: 'DistrictId' }

/**
 * A text that is not an ObjectId names no user, so it never becomes part of a URL. Upper case is refused, so
 * that each person has one spelling of the id.
 */
export function parseUserId(text: string): UserId | undefined {
  return OBJECT_ID.test(text) ? (text as UserId) : undefined
}

export function parseDistrictId(text: string): DistrictId | undefined {
  return OBJECT_ID.test(text) ? (text as DistrictId) : undefined
}

/** A part of a longer string would keep all of it in memory. `id`: ASCII. */
export function flatCopy<Id extends string>(id: Id): Id {
  return Buffer.from(id, 'latin1').toString('latin1') as Id
}

/** Sorts after every ObjectId: the end of any range of ids. */
export const PAST_EVERY_ID = 'f'.repeat(24) as UserId
