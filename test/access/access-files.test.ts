import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { openAccess } from '../../src/open-access.ts'
import { CHILD } from '../federation/documented-family.ts'

const SECRET = 'Zébulon'
/** One file for each setting, with the same secret in it. */
const FILES = {
  AUTH_FILE: {
    issuers: [
      {
        issuer: `https://${SECRET}.example`,
        audience: 'contacts',
        jwks: 'https://issuer.example/keys',
        claims: {},
      },
    ],
  },
  POLICY_FILE: { ...defaultPolicy, privileges: { ...defaultPolicy.privileges, VIEW_STUDENT: SECRET } },
  OVERRIDES_FILE: {
    overrides: [
      {
        effect: 'DENY',
        student: CHILD,
        privileges: 'ALL',
        reason: 'order',
        contact: { name: SECRET, email: 'a@example.org' },
      },
    ],
  },
}
type Setting = keyof typeof FILES

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'access-files-'))
  path = join(folder, 'file.json')
})
afterAll(() => rm(folder, { recursive: true }))

/** What the start says of a file with these bytes; undefined when it starts. */
async function startWith(setting: Setting, bytes: Buffer | string): Promise<string | undefined> {
  await writeFile(path, bytes)
  const settings = {
    issuers: setting === 'AUTH_FILE' ? path : ('EVERYBODY' as const),
    leeway: 5_000,
    proxies: {},
    policy: setting === 'POLICY_FILE' ? path : undefined,
    overrides: setting === 'OVERRIDES_FILE' ? path : undefined,
  }
  const log = createLog('silent')
  return openAccess(settings, systemClock, log, createMetrics()).then(
    async (access) => void (await access.close()),
    (error: Error) => error.message,
  )
}

const utf16le = (text: string) => Buffer.from(text, 'utf16le')
const utf16be = (text: string) => utf16le(text).swap16()
const utf32le = (text: string) =>
  Buffer.concat([...text].map((each) => Buffer.from(Uint32Array.of(each.codePointAt(0) ?? 0).buffer)))
const utf32be = (text: string) => utf32le(text).swap32()
const windows1252 = (text: string) => Buffer.from(text, 'latin1')
const MARK = '\uFEFF'

const ENCODINGS: readonly (readonly [string, (text: string) => Buffer, string])[] = [
  [
    'UTF-16LE with a mark',
    (text) => utf16le(MARK + text),
    'the file is UTF-16 (little-endian): save it as UTF-8',
  ],
  ['UTF-16LE without a mark', utf16le, 'the file is UTF-16 (little-endian): save it as UTF-8'],
  [
    'UTF-16BE with a mark',
    (text) => utf16be(MARK + text),
    'the file is UTF-16 (big-endian): save it as UTF-8',
  ],
  ['UTF-16BE without a mark', utf16be, 'the file is UTF-16 (big-endian): save it as UTF-8'],
  [
    'UTF-32LE with a mark',
    (text) => utf32le(MARK + text),
    'the file is UTF-32 (little-endian): save it as UTF-8',
  ],
  ['UTF-32LE without a mark', utf32le, 'the file is UTF-32 (little-endian): save it as UTF-8'],
  [
    'UTF-32BE with a mark',
    (text) => utf32be(MARK + text),
    'the file is UTF-32 (big-endian): save it as UTF-8',
  ],
  ['UTF-32BE without a mark', utf32be, 'the file is UTF-32 (big-endian): save it as UTF-8'],
  ['Windows-1252', windows1252, 'seems to be Windows-1252'],
  ['UTF-7', (text) => Buffer.from(text.replaceAll('é', '+AOk-')), 'seems to be UTF-7'],
  [
    'UTF-8 that is cut within a character',
    (text) => Buffer.from(text).subarray(0, Buffer.from(text).indexOf('é') + 1),
    'the file ends within a character (line 1)',
  ],
  [
    'CESU-8',
    (text) =>
      Buffer.from(Buffer.from(text).toString('latin1').replace('Ã©', '\xed\xa0\xbd\xed\xb8\x80'), 'latin1'),
    'seems to be CESU-8',
  ],
  ['NUL bytes alone', () => Buffer.alloc(100), 'the file has NUL bytes'],
  ['JSON with a NUL byte behind it', (text) => Buffer.from(`${text}\0`), 'the file has NUL bytes'],
  ['gzip', () => Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'compressed with gzip'],
]

describe.each(Object.keys(FILES) as Setting[])('%s', (setting) => {
  const text = JSON.stringify(FILES[setting])

  it('is accepted in UTF-8, with and without a byte-order mark', async () => {
    expect(await startWith(setting, text)).toBeUndefined()
    expect(await startWith(setting, MARK + text)).toBeUndefined()
    expect(
      await startWith(setting, `${MARK}\r\n${JSON.stringify(FILES[setting], null, '\t')}\r\n`),
    ).toBeUndefined()
  })

  it.each(ENCODINGS)('in %s stops the start with a message that says so', async (_what, encode, message) => {
    const refusal = await startWith(setting, encode(text))
    expect(refusal).toContain(`${setting}: `)
    expect(refusal).toContain(message)
    expect(refusal).not.toContain('bulon')
  })

  const twice = (key: string) => `${text.slice(0, -1)},"${key}":[{"x":"${SECRET}"}]}`
  const [field = ''] = Object.keys(FILES[setting])
  const escaped = [...field].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  it.each([
    [
      'has a key twice',
      twice(field),
      `${field}: this key is given twice in one object: keep one (line 1, column `,
    ],
    ['has a key twice, once in escapes', twice(escaped), `${field}: this key is given twice`],
    ['has the key __proto__', twice('__proto__'), 'the key __proto__ is not allowed'],
    ['goes on behind its end', `${text} {}`, 'the JSON value ends here, but the file goes on'],
    ['was written by half', text.slice(0, text.length / 2), 'the file ends too early'],
    ['has a comment', `// ${SECRET}\n${text}`, 'a value is expected (line 1, column 1)'],
    ['has a comma too many', `${text.slice(0, -1)},}`, 'a key in double quotes is expected'],
    ['is empty', '', 'the file is empty'],
    ['is empty but for spaces', ' \n', 'the file is empty'],
    ['is empty but for a byte-order mark', MARK, 'the file is empty'],
    ['has two byte-order marks', MARK + MARK + text, 'a value is expected'],
    ['has half of a surrogate pair', text.replace('é', '\\ud83d'), 'has half of a surrogate pair'],
    ['lost a character to a program', text.replace('é', '\uFFFD'), 'has U+FFFD'],
    ['is nested without end', '['.repeat(200_000), 'more than 64 levels are nested'],
    ['is very large', Buffer.alloc(32_000_001, ' '), 'the file is larger than 32 MB'],
  ])('that %s stops the start', async (_what, bytes, message) => {
    const refusal = await startWith(setting, bytes)
    expect(refusal).toContain(`${setting}: `)
    expect(refusal).toContain(message)
    expect(refusal).not.toContain('bulon')
  })
})

describe('a key given twice', () => {
  it('is named by its path, however deep, and a key that no file has is not', async () => {
    const text = JSON.stringify(FILES.OVERRIDES_FILE)
    const deep = text.replace('"email":', `"name": "x",\n  "email":`)
    expect(await startWith('OVERRIDES_FILE', deep)).toBe(
      'OVERRIDES_FILE: overrides.0.contact.name: this key is given twice in one object: keep one (line 1, column 133)',
    )
    const person = text.replace('"email":', `"${SECRET}": 1, "${SECRET}": 2, "email":`)
    expect(await startWith('OVERRIDES_FILE', person)).toContain(
      'overrides.0.contact.*: this key is given twice',
    )
  })

  it('in the privileges of a policy is not the last of the two', async () => {
    const text = JSON.stringify(FILES.POLICY_FILE).replace(
      '"VIEW_STUDENT":',
      '"VIEW_STUDENT":"x","VIEW_STUDENT":',
    )
    expect(await startWith('POLICY_FILE', text)).toContain('privileges.*: this key is given twice')
  })

  it('in a key of an issuer is refused', async () => {
    const [issuer] = FILES.AUTH_FILE.issuers
    const text = JSON.stringify({ issuers: [{ ...issuer, jwks: { keys: [{ kty: 'EC' }] } }] })
    expect(await startWith('AUTH_FILE', text.replace('"kty":', '"kty":"RSA","kty":'))).toContain(
      'issuers.0.jwks.keys.0.kty: this key is given twice',
    )
  })
})

describe('an id of the district in OVERRIDES_FILE', () => {
  const [denial] = FILES.OVERRIDES_FILE.overrides
  const withId = (field: string, value: string) =>
    JSON.stringify({
      overrides: [{ ...denial, contact: { name: 'A B', email: 'a@example.org', [field]: '?' } }],
    }).replace('"?"', value)
  it.each(['"0012"', '330280', '9007199254740991'])('may be %s', async (value) => {
    for (const field of ['sisId', 'legacyId'])
      expect(await startWith('OVERRIDES_FILE', withId(field, value))).toBeUndefined()
  })

  it.each([
    '9007199254740993',
    '12345678901234567890',
    '33.5',
    '1e400',
    '-7',
    'true',
    'null',
    '[1]',
    '""',
    '" "',
  ])('may not be %s, which is not told', async (value) => {
    for (const field of ['sisId', 'legacyId'])
      expect(await startWith('OVERRIDES_FILE', withId(field, value))).toBe(
        `OVERRIDES_FILE: overrides.0.contact.${field}: must be a text that is not empty; a number is taken only if it is whole and exact`,
      )
  })

  it('may not begin with zeros without quotes: that is no number', async () => {
    expect(await startWith('OVERRIDES_FILE', withId('sisId', '0012'))).toContain('a comma or } is expected')
  })
})

it.each(['a folder', 'nothing'])('%s is no file', async (what) => {
  const settings = {
    issuers: 'EVERYBODY',
    leeway: 5_000,
    proxies: {},
    policy: what === 'a folder' ? folder : join(folder, 'none'),
    overrides: undefined,
  } as const
  const opening = openAccess(settings, systemClock, createLog('silent'), createMetrics())
  await expect(opening).rejects.toThrow(
    /^POLICY_FILE: (the path is not that of a file|the file cannot be read \(ENOENT\))/,
  )
})
