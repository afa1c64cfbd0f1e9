/**
 * Entities whose names do not consist of a letter and an accent. Source: html.spec.whatwg.org, named
 * character references.
 */
const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', quot: '"', apos: "'", nbsp: ' ', ensp: ' ', emsp: ' ', thinsp: ' ', shy: '' },
  ...{ lsquo: '‘', rsquo: '’', sbquo: '‚', ldquo: '“', rdquo: '”', bdquo: '„', laquo: '«', raquo: '»' },
  ...{ ndash: '–', mdash: '—', hyphen: '‐', hellip: '…', middot: '·', bull: '•', prime: '′', grave: '`' },
  ...{
    lpar: '(',
    rpar: ')',
    comma: ',',
    period: '.',
    colon: ':',
    semi: ';',
    sol: '/',
    num: '#',
    commat: '@',
  },
  ...{
    iexcl: '¡',
    iquest: '¿',
    ordf: 'ª',
    ordm: 'º',
    deg: '°',
    acute: '´',
    lowbar: '_',
    plus: '+',
    ast: '*',
  },
  ...{
    aelig: 'æ',
    AElig: 'Æ',
    oelig: 'œ',
    OElig: 'Œ',
    szlig: 'ß',
    eth: 'ð',
    ETH: 'Ð',
    thorn: 'þ',
    THORN: 'Þ',
  },
  ...{
    oslash: 'ø',
    Oslash: 'Ø',
    lstrok: 'ł',
    Lstrok: 'Ł',
    dstrok: 'đ',
    Dstrok: 'Đ',
    hstrok: 'ħ',
    Hstrok: 'Ħ',
  },
  ...{ inodot: 'ı', imath: 'ı', tstrok: 'ŧ', Tstrok: 'Ŧ', eng: 'ŋ', ENG: 'Ŋ', zwnj: '\u200c', zwj: '\u200d' },
}

/** The accents of names such as `eacute`, as combining marks. */
const ACCENTS: Readonly<Record<string, string>> = {
  ...{ acute: '\u0301', grave: '\u0300', circ: '\u0302', uml: '\u0308', tilde: '\u0303', caron: '\u030c' },
  ...{ cedil: '\u0327', ring: '\u030a', macr: '\u0304', breve: '\u0306', ogon: '\u0328', dblac: '\u030b' },
}
const ACCENTED = new RegExp(`^([A-Za-z])(${Object.keys(ACCENTS).join('|')})$`)

/** The maximum length of an entity's name or number, with zeros before it. */
const ENTITY = /&(?:#(\d{1,9})|#[xX]([\dA-Fa-f]{1,8})|([A-Za-z]{2,8}));/g

/** Browsers read the C1 controls as this encoding, which old programs used (HTML Standard §13.2.5.80). */
const windows1252 = new TextDecoder('windows-1252')

/**
 * Decodes each HTML entity once: `&amp;lt;` becomes the text `&lt;`. An unknown entity, a control character
 * and the angle brackets of markup stay as they are written. Linear. Never throws.
 */
export function decodeHtml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(ENTITY, (entity, decimal?: string, hex?: string, name?: string) => {
    const decoded = name === undefined ? ofNumber(decimal, hex) : ofName(name)
    return decoded === undefined || /[<>]/.test(decoded) ? entity : decoded
  })
}

function ofNumber(decimal: string | undefined, hex: string | undefined): string | undefined {
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(decimal, 10)
  if (code >= 0x80 && code <= 0x9f) return withoutControl(windows1252.decode(Uint8Array.of(code)))
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code > 0x10ffff || isSurrogate ? undefined : withoutControl(String.fromCodePoint(code))
}

function withoutControl(character: string): string | undefined {
  if (/\s/.test(character)) return ' '
  return /[\p{Cc}\p{Cn}]/u.test(character) ? undefined : character
}

/** Programs that capitalize names write `&Amp;`. */
function ofName(name: string): string | undefined {
  if (Object.hasOwn(NAMED, name)) return NAMED[name]
  const [, letter, accent] = ACCENTED.exec(name) ?? []
  if (letter === undefined || accent === undefined) {
    const lower = name.toLowerCase()
    return MARKUP.has(lower) ? NAMED[lower] : undefined
  }
  const composed = `${letter}${ACCENTS[accent] ?? ''}`.normalize('NFC')
  return composed.length === 1 ? composed : undefined
}

const MARKUP: ReadonlySet<string> = new Set(['amp', 'quot', 'apos', 'nbsp'])
