/**
 * Values that people write into forms when there is nothing to write. Many people have the same one, so it
 * identifies no one. Each rule names values that cannot belong to a person. A value that only looks odd is
 * not a placeholder.
 */

/** Texts for "no value", without spaces and punctuation. */
const NO_VALUE: ReadonlySet<string> = new Set([
  ...[
    '',
    'na',
    'none',
    'nil',
    'null',
    'nan',
    'no',
    'nothing',
    'unknown',
    'unk',
    'undefined',
    'blank',
    'empty',
  ],
  ...[
    'tbd',
    'tba',
    'pending',
    'missing',
    'declined',
    'refused',
    'unlisted',
    'private',
    'notavailable',
    'notprovided',
  ],
  ...[
    'notapplicable',
    'notgiven',
    'noid',
    'noemail',
    'nomail',
    'noaddress',
    'noemailaddress',
    'noemailprovided',
  ],
  ...['noemailonfile', 'noemailgiven', 'noemailavailable', 'nophone', 'nonumber', 'donothave', 'doesnothave'],
  ...[
    'ninguno',
    'ninguna',
    'nada',
    'notiene',
    'sincorreo',
    'sinemail',
    'sintelefono',
    'desconocido',
    'x',
    'xx',
    'xxx',
  ],
])

/** The error values of spreadsheets, in lower case. */
const SPREADSHEET_ERROR = /^#(?:n\/a|null!|div\/0!|value!|ref!|name\?|num!|spill!|calc!|error!|getting_data)$/

/** The same, for ids only. */
const NO_ID: ReadonlySet<string> = new Set([
  ...['unassigned', 'notassigned', 'noneentered', 'nosisid', 'nocontactid', 'objectobject', 'true', 'false'],
  ...['temp', 'test', 'sinasignar', 'f'.repeat(32)],
])

/** Local parts that do not reach a person at any domain. */
const NO_MAILBOX: ReadonlySet<string> = new Set([
  ...[
    'none',
    'unknown',
    'null',
    'undefined',
    'noemail',
    'nomail',
    'noaddress',
    'noemailaddress',
    'noemailprovided',
  ],
  ...[
    'noemailonfile',
    'noemailgiven',
    'noemailavailable',
    'nonegiven',
    'notprovided',
    'notavailable',
    'notapplicable',
  ],
  ...[
    'donotemail',
    'notavail',
    'notonfile',
    'needemail',
    'changeme',
    'nope',
    'notengo',
    'notienecorreo',
    'nohay',
  ],
  ...[
    'noreply',
    'donotreply',
    'sincorreo',
    'ninguno',
    'notiene',
    'declined',
    'refused',
    'fakeemail',
    'xxx',
    'xxxx',
  ],
])

/** First labels of domains that have no addresses. */
const NO_DOMAIN: ReadonlySet<string> = new Set([
  ...['none', 'noemail', 'nomail', 'noaddress', 'noemailaddress', 'noemailprovided', 'notprovided'],
])

/**
 * Words that do not name a person, if both the local part and the domain are such words. Either alone may be
 * a name: Na, Test, Abc.
 */
const FILLER: ReadonlySet<string> = new Set([
  ...[...NO_VALUE].filter((word) => word !== ''),
  ...[
    'a',
    'aa',
    'aaa',
    'abc',
    'abcd',
    'asdf',
    'qwerty',
    '1',
    '12',
    '123',
    '1234',
    '12345',
    '0',
    '00',
    '000',
    'test',
  ],
  ...[
    'testing',
    'invalid',
    'update',
    'someone',
    'fake',
    'temp',
    'dummy',
    'sample',
    'email',
    'mail',
    'noone',
    'nobody',
    'nowhere',
    'user',
    'name',
  ],
])

/** A word without case and punctuation, which people vary: N/A, n.a., NO-EMAIL. */
function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
}

/** Whether an address, or a text in its place, means that there is no address. Lower case. */
export function isPlaceholderEmail(email: string): boolean {
  const at = email.lastIndexOf('@')
  if (at < 0) return NO_VALUE.has(bare(email)) || SPREADSHEET_ERROR.test(email.trim())
  const [local, domain] = [bare(email.slice(0, at)), email.slice(at + 1)]
  const label = bare(domain.split('.')[0] ?? '')
  // RFC 2606 reserves the top-level domain "invalid".
  if (local === '' || domain.endsWith('.invalid')) return true
  return (
    NO_MAILBOX.has(local.replace(/(?<=^noe?mail)\d+$/, '')) ||
    NO_DOMAIN.has(label) ||
    (FILLER.has(local) && FILLER.has(label))
  )
}

/** Digits in the order of the keys, forwards and backwards. */
const KEYS = ['01234567890123456789', '98765432109876543210']
const MIN_DIGITS = 7
/** In North America: no area code is 000, 111, 123 or 555; no exchange is 000 (nanpa.com). */
const NO_AREA = /^(?:000|111|123|555)\d{7}$/
const NO_LINE =
  /^(?:555)?(?:5551212|5551234|5555555)$|^[2-9]\d{2}(?:5551212|5555555|0000000|9999999|1111111|1234567)$/
/** Fictional numbers of the toll-free codes (ATIS-0300115). Those of geographic area codes are in use by our sandbox. */
const TOLL_FREE_FICTION = /^8(?:00|33|44|55|66|77|88)555\d{4}$/

/** Whether a phone number reaches no one. Digits without country code and extension. */
export function isPlaceholderPhone(digits: string): boolean {
  if (digits.length < MIN_DIGITS || /^(\d)\1*$/.test(digits)) return true
  return (
    KEYS.some((keys) => keys.includes(digits)) ||
    NO_AREA.test(digits) ||
    NO_LINE.test(digits) ||
    TOLL_FREE_FICTION.test(digits)
  )
}

/** Whether an id that a district gave means that there is no id. Zeros do, and so do six nines or more. */
export function isPlaceholderId(id: string): boolean {
  const word = bare(id)
  if (SPREADSHEET_ERROR.test(id.trim().toLowerCase())) return true
  return (
    NO_VALUE.has(word) ||
    NO_ID.has(word) ||
    /^x{2,}$/.test(word) ||
    /^0+$/.test(word) ||
    /^9{6,}$/.test(word) ||
    (word === '1' && /^\W*-/.test(id))
  )
}
