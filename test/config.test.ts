import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'
import { SETTINGS } from '../src/settings.ts'

const DISTRICT = '6385008f69df036e83e984a3'
const SECRET = 'f00dfeedf00dfeed'

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the settings', () => {
  it('lead to the sandbox when no credentials are given, even if they are empty', () => {
    expect(readConfig({}).source).toEqual({ kind: 'sandbox' })
    expect(readConfig({ CLEVER_TOKEN: '', PORT: ' ' })).toMatchObject({
      source: { kind: 'sandbox' },
      PORT: 4000,
    })
  })

  it.each([
    [{ CLEVER_TOKEN: SECRET }, { kind: 'single-token', token: SECRET }],
    [
      { CLEVER_DISTRICT_TOKENS: `${DISTRICT}=${SECRET}, ${'b'.repeat(24)}=x=y` },
      {
        kind: 'district-tokens',
        tokens: new Map([
          [DISTRICT, SECRET],
          ['b'.repeat(24), 'x=y'],
        ]),
      },
    ],
    [
      { CLEVER_CLIENT_ID: 'me', CLEVER_CLIENT_SECRET: SECRET },
      { kind: 'client', clientId: 'me', clientSecret: SECRET },
    ],
  ])('%o lead to Clever', (environment, source) => {
    expect(readConfig({ ...environment, AUTH_FILE: 'issuers.json' })).toMatchObject({
      source,
      CLEVER_API_URL: 'https://api.clever.com',
      CLEVER_OAUTH_URL: 'https://clever.com',
      CLEVER_API_VERSION: 'v3.1',
    })
  })

  it('that are wrong are named all at once, with what they must be, and never with their values', () => {
    const problems = problemsOf({
      PORT: 'secret-one',
      CLEVER_TOKEN: 'secret two',
      CLEVER_DISTRICT_TOKENS: `${DISTRICT}:secret-three`,
      CLEVER_CLIENT_SECRET: 'secret-four',
      CLEVER_API_URL: 'http://secret-five.example.com',
      CLEVER_API_VERSION: 'v2.1',
      LOG_LEVEL: 'secret-six',
      CORS_ORIGINS: 'https://a.example.com/secret-seven',
    })
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'CLEVER_TOKEN',
      'CLEVER_DISTRICT_TOKENS',
      'CLEVER_API_VERSION',
      'CLEVER_API_URL',
      'PORT',
      'CORS_ORIGINS',
      'LOG_LEVEL',
      'CLEVER_TOKEN',
      'CLEVER_CLIENT_ID',
    ])
    expect(problems.join()).not.toContain('secret-')
    expect(problems.join()).not.toContain('secret two')
  })

  it.each([
    'https://clever.example.com',
    'http://localhost:4010',
    'http://127.0.0.1:4010',
    'http://[::1]:4010',
  ])('accept %s as the base of Clever', (url) =>
    expect(
      readConfig({ CLEVER_TOKEN: SECRET, AUTH_FILE: 'issuers.json', CLEVER_API_URL: url }).CLEVER_API_URL,
    ).toBe(url),
  )

  it.each([
    'http://clever.example.com',
    'http://127.0.0.1.example.com',
    'ftp://localhost',
    'https://me:pw@clever.example.com',
    'clever',
  ])('refuse %s as the base of Clever: the token would go there', (url) =>
    expect(problemsOf({ CLEVER_TOKEN: SECRET, AUTH_FILE: 'issuers.json', CLEVER_API_URL: url })).toHaveLength(
      1,
    ),
  )

  it('take the names of ALLOWED_HOSTS without ports, in any case', () => {
    const { ALLOWED_HOSTS } = readConfig({ ALLOWED_HOSTS: 'Contacts.example.com., my_proxy,10.0.0.5' })
    expect(ALLOWED_HOSTS).toEqual(['contacts.example.com', 'my_proxy', '10.0.0.5'])
    for (const wrong of ['https://contacts.example.com', 'contacts.example.com:443', '*.example.com', 'a,,b'])
      expect(problemsOf({ ALLOWED_HOSTS: wrong })).toEqual([expect.stringContaining('ALLOWED_HOSTS must be')])
  })

  it.each(['127.0.0.2', 'LOCALHOST', 'localhost.', '::1', '[::1]', '::ffff:127.0.0.1'])(
    'take %s for loopback',
    (HOST) => {
      const AUTHENTICATION = 'everybody-may-read-everything'
      expect(problemsOf({ CLEVER_TOKEN: SECRET, AUTHENTICATION, HOST })).toEqual([])
    },
  )

  it('want to know whose tokens count while the districts are real', () => {
    expect(problemsOf({ CLEVER_TOKEN: SECRET })).toEqual([expect.stringContaining('AUTH_FILE must be set')])
    expect(problemsOf({ CLEVER_TOKEN: SECRET, AUTH_FILE: 'issuers.json', HOST: '0.0.0.0' })).toEqual([])
    expect(problemsOf({ CLEVER_TOKEN: SECRET, AUTHENTICATION: 'off' })).toHaveLength(1)
  })

  it.each(['0.0.0.0', '::', '192.168.1.7', 'gateway.example.com'])(
    'let everybody read everything only when told so, and never of real districts on %s',
    (HOST) => {
      const AUTHENTICATION = 'everybody-may-read-everything'
      expect(problemsOf({ CLEVER_TOKEN: SECRET, AUTHENTICATION })).toEqual([])
      expect(problemsOf({ CLEVER_TOKEN: SECRET, AUTHENTICATION, HOST })).toEqual([
        expect.stringContaining('HOST must be a loopback address'),
      ])
      expect(problemsOf({ HOST })).toEqual([])
    },
  )

  it('name proxies in upper or lower case, with or without a scheme, and never repeat their secrets', () => {
    const both = { https_proxy: 'http://lower.test:1', HTTPS_PROXY: 'http://upper.test:2' }
    expect(readConfig({ ...both, HTTP_PROXY: 'plain.test:3', no_proxy: 'a.test' })).toMatchObject({
      HTTPS_PROXY: 'http://lower.test:1',
      HTTP_PROXY: 'http://plain.test:3',
      NO_PROXY: 'a.test',
    })
    expect(readConfig({ https_proxy: '', HTTPS_PROXY: 'https://upper.test' }).HTTPS_PROXY).toBe(
      'https://upper.test',
    )
    const [problem] = problemsOf({ HTTPS_PROXY: `socks5://user:${SECRET}@proxy.test` })
    expect(problem).toContain('HTTPS_PROXY must be')
    expect(problem).not.toContain(SECRET)
  })

  it('take one secret of the router, and a previous one beside it', () => {
    const [ROUTER_SECRET, ROUTER_SECRET_PREVIOUS] = ['0123456789abcdef'.repeat(4), 'A-._~+/='.repeat(4)]
    expect(readConfig({ ROUTER_SECRET: ` ${ROUTER_SECRET}\n`, ROUTER_SECRET_PREVIOUS })).toMatchObject({
      ROUTER_SECRET,
      ROUTER_SECRET_PREVIOUS,
    })
    expect(problemsOf({ ROUTER_SECRET_PREVIOUS })).toEqual([
      expect.stringContaining('ROUTER_SECRET_PREVIOUS needs ROUTER_SECRET'),
    ])
    expect(problemsOf({ ROUTER_SECRET, ROUTER_SECRET_PREVIOUS: ROUTER_SECRET })).toEqual([
      expect.stringContaining('must differ from ROUTER_SECRET'),
    ])
    expect(problemsOf({ ROUTER_ONLY: 'true' })).toEqual(['ROUTER_ONLY needs ROUTER_SECRET'])
    const AUTH_FILE = 'issuers.json'
    expect(problemsOf({ ROUTER_SECRET, CLEVER_TOKEN: ROUTER_SECRET, AUTH_FILE })).toEqual([
      expect.stringContaining('ROUTER_SECRET must differ from CLEVER_TOKEN'),
    ])
  })

  it('take the URLs of routers for callbacks, as plain URLs and with a secret', () => {
    const ROUTER_SECRET = '0123456789abcdef'.repeat(2)
    const urls = 'http://router:4000/callback, https://router.example.com'
    expect(
      readConfig({ ROUTER_SECRET, SUBSCRIPTION_CALLBACK_URLS: urls }).SUBSCRIPTION_CALLBACK_URLS,
    ).toEqual(urls.split(', '))
    expect(problemsOf({ SUBSCRIPTION_CALLBACK_URLS: urls })).toEqual([
      'SUBSCRIPTION_CALLBACK_URLS needs ROUTER_SECRET: only a proven router may name a URL',
    ])
    for (const url of [
      'router:4000',
      'ftp://router',
      'http://me@router',
      'http://router/?x',
      'http://router/#x',
      '*',
    ])
      expect(problemsOf({ ROUTER_SECRET, SUBSCRIPTION_CALLBACK_URLS: url }), url).toHaveLength(1)
  })

  it('refuse trusted documents only where there are none, and where GraphiQL would send others', () => {
    const [only, file] = [{ TRUSTED_DOCUMENTS_ONLY: 'true' }, { TRUSTED_DOCUMENTS: 'documents.json' }]
    expect(problemsOf({ ...only, ...file })).toEqual([])
    expect(problemsOf(only)).toEqual(['TRUSTED_DOCUMENTS_ONLY needs TRUSTED_DOCUMENTS'])
    expect(problemsOf({ ...only, ...file, GRAPHIQL: 'true' })).toEqual([
      expect.stringContaining('exclude each other'),
    ])
  })

  it.each([
    ['too short', '0123456789abcdef'],
    ['a list', '0123456789abcdef0123456789abcdef,fedcba9876543210fedcba9876543210'],
    ['two words', '0123456789abcdef 0123456789abcdef0'],
    ['in double quotes', '"0123456789abcdef0123456789abcdef"'],
    ['in single quotes', "'0123456789abcdef0123456789abcdef'"],
    ['a template', '{{secrets.CONTACTS_GATEWAY_ROUTER_SECRET}}'],
    ['a shell variable', '$CONTACTS_GATEWAY_ROUTER_SECRET_ABCDEF'],
    ['a placeholder', '<replace-with-the-secret-of-the-router>'],
    ['one character many times', 'x'.repeat(64)],
    ['not ASCII', 'é123456789abcdef0123456789abcdef'],
    ['with a name', 'ROUTER_SECRET:0123456789abcdef0123456789'],
  ])('refuse a secret of the router that is %s, and do not repeat it', (_what, secret) => {
    const first = { ROUTER_SECRET: secret }
    const second = { ROUTER_SECRET: '0123456789abcdef'.repeat(4), ROUTER_SECRET_PREVIOUS: secret }
    for (const [name, environment] of [
      ['ROUTER_SECRET', first],
      ['ROUTER_SECRET_PREVIOUS', second],
    ] as const) {
      expect(problemsOf(environment)).toEqual([expect.stringContaining(`${name} must be one secret`)])
      expect(problemsOf(environment).join()).not.toContain(secret)
    }
  })

  it('take each secret from a file instead', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'config-'))
    const file = async (name: string, text: string | Buffer) => {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    }
    const AUTH_FILE = 'issuers.json'
    const tokens = await file('tokens', `\uFEFF${DISTRICT}=${SECRET}\n${'b'.repeat(24)}=other\n`)
    const { source } = readConfig({ AUTH_FILE, CLEVER_DISTRICT_TOKENS_FILE: tokens })
    expect(source).toMatchObject({ kind: 'district-tokens' })
    expect(source.kind === 'district-tokens' && [...source.tokens.values()]).toEqual([SECRET, 'other'])
    const CLEVER_CLIENT_SECRET_FILE = await file('secret', ` ${SECRET}\r\n`)
    expect(readConfig({ AUTH_FILE, CLEVER_CLIENT_ID: 'me', CLEVER_CLIENT_SECRET_FILE }).source).toEqual({
      kind: 'client',
      clientId: 'me',
      clientSecret: SECRET,
    })
    expect(readConfig({ HTTPS_PROXY_FILE: await file('proxy', 'http://u:p@proxy.test') }).HTTPS_PROXY).toBe(
      'http://u:p@proxy.test',
    )

    const wrong: [Record<string, string>, RegExp][] = [
      [
        { CLEVER_TOKEN: SECRET, CLEVER_TOKEN_FILE: tokens },
        /CLEVER_TOKEN and CLEVER_TOKEN_FILE exclude each other/,
      ],
      [{ CLEVER_TOKEN_FILE: join(folder, 'none') }, /CLEVER_TOKEN_FILE: the file cannot be read \(ENOENT\)/],
      [{ CLEVER_TOKEN_FILE: folder }, /CLEVER_TOKEN_FILE: the file is not a file/],
      [{ CLEVER_TOKEN_FILE: await file('empty', ' \n') }, /CLEVER_TOKEN_FILE: the file is empty/],
      [{ CLEVER_TOKEN_FILE: await file('bytes', Buffer.from([0xff, 0xfe, 65, 0])) }, /is not text in UTF-8/],
      [{ CLEVER_TOKEN_FILE: await file('spaces', `${SECRET} ${SECRET}`) }, /CLEVER_TOKEN must be a token/],
    ]
    for (const [settings, problem] of wrong) {
      const problems = problemsOf({ AUTH_FILE, ...settings }).join()
      expect(problems).toMatch(problem)
      expect(problems).not.toContain(SECRET)
    }
    await rm(folder, { recursive: true })
  })

  it('lead to the sandbox in production only if they say so', () => {
    const NODE_ENV = 'production'
    expect(problemsOf({ NODE_ENV })).toEqual([expect.stringContaining('set SANDBOX=true')])
    expect(readConfig({ NODE_ENV, SANDBOX: 'true' }).source).toEqual({ kind: 'sandbox' })
    expect(readConfig({ NODE_ENV }, 'sandbox').source).toEqual({ kind: 'sandbox' })
    expect(readConfig({ NODE_ENV }, 'audit').source).toEqual({ kind: 'sandbox' })
    expect(problemsOf({ SANDBOX: 'false' })).toHaveLength(1)
    expect(problemsOf({ SANDBOX: 'true', CLEVER_TOKEN: SECRET, AUTH_FILE: 'a' })).toEqual([
      expect.stringContaining('exclude each other'),
    ])
  })

  it('take a drain that is shorter than the grace, and limits by kind of principal', () => {
    expect(problemsOf({ SHUTDOWN_DRAIN_MS: '8000' })).toEqual([
      'SHUTDOWN_DRAIN_MS must be less than SHUTDOWN_GRACE_MS',
    ])
    expect(problemsOf({ SHUTDOWN_DRAIN_MS: '8000', SHUTDOWN_GRACE_MS: '9000' })).toEqual([])
    const { DISCLOSURE_QUOTA } = readConfig({ DISCLOSURE_QUOTA: 'service=unlimited,teacher=7' })
    expect(String(DISCLOSURE_QUOTA)).toContain('guardian=100,student=20,teacher=7')
    expect(problemsOf({ DISCLOSURE_QUOTA: 'pupil=7' })).toHaveLength(1)
    expect(problemsOf({ COST_QUOTA: 'teacher=10' })).toHaveLength(1)
  })

  it('are in docs/settings.md with default, description and values, each in one topic', async () => {
    const page = await readFile(new URL('../docs/settings.md', import.meta.url), 'utf8')
    const rows = SETTINGS.map(
      ({ name, fallback, description, must }) =>
        `| \`${name}\` | ${fallback && `\`${fallback}\``} | ${description} | ${must} |`,
    )
    const found = page.split('\n').filter((line) => line.startsWith('| `'))
    expect(found.toSorted()).toEqual(rows.toSorted())
  })
})
