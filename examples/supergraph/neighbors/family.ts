/** Ids that the neighbors have stored, as Clever wrote them: the documented family of the sandbox. */
export const DISTRICT = '6385008f69df036e83e984a3'

/** Aunt or uncle of Naomi and Theo, parent of Jonah. */
export const AARON = '63850203bfb8460546071ef6'
export const NAOMI = '63850203bfb8460546071e62'
export const THEO = '672936fc65fc4500ced13260'
export const JONAH = '63850203bfb8460546071e6e'
