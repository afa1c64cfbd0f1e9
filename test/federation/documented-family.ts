/** The example of Clever's documentation: aunt or uncle of two students, parent of a third. */
export const MIXED = '63850203bfb8460546071ef6'
export const NIECE = '63850203bfb8460546071e62'
export const NEPHEW = '672936fc65fc4500ced13260'
export const CHILD = '63850203bfb8460546071e6e'
export const DISTRICT = '6385008f69df036e83e984a3'

/** Looks like an id, and names no user. */
export const NOBODY = 'f'.repeat(24)
