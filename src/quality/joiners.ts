/**
 * Scripts in which U+200C and U+200D change how the letters beside them look: those with letters that join (Unicode's
 * Joining_Type, ArabicShaping.txt) and those with a virama (Canonical_Combining_Class 9). Unicode's rules for joiners in
 * identifiers (UAX #31 §2.3, RFC 5892 A.1) are stricter: Persian writes U+200C after letters that join on one side only.
 */
const SCRIPTS = [
  ...['Arabic', 'Syriac', 'Mandaic', 'Nko', 'Mongolian', 'Adlam', 'Hanifi_Rohingya'],
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam'],
  ...['Sinhala', 'Myanmar', 'Khmer', 'Balinese', 'Javanese', 'Sundanese', 'Meetei_Mayek', 'Tai_Tham'],
  ...['Chakma', 'Newa', 'Tirhuta', 'Kaithi', 'Syloti_Nagri', 'Saurashtra', 'Limbu', 'Sharada', 'Grantha'],
]

/**
 * A letter or a vowel sign of such a script. A mark that several scripts share counts as part of each of
 * them.
 */
const JOINING = `(?=[\\p{L}\\p{M}])[${SCRIPTS.map((script) => `\\p{scx=${script}}`).join('')}]`

/** U+200C between two letters of such a script; U+200D after one, as it may end a word (the Malayalam chillu). */
const JOINER = new RegExp(`((?<=${JOINING})(?:\\u200c(?=${JOINING})|\\u200d))|[\\u200c\\u200d]`, 'gu')

/**
 * Removes the joiners that no neighboring letter needs: those in Latin words, and all but the first of
 * several.
 */
export function dropUselessJoiners(text: string): string {
  return text.replace(/([\u200c\u200d])[\u200c\u200d]+/g, '$1').replace(JOINER, '$1')
}
