import { describe, expect, it } from 'vitest'
import type { IssuerKey } from '../../src/auth/issuer-keys.ts'
import { VerifiedTokens } from '../../src/auth/verified-tokens.ts'

const MAX_AGE_MS = 60_000

/** A cache of tokens over a clock and a key set that the test moves. */
function start() {
  let now = 1_000_000
  let latest: readonly IssuerKey[] | undefined = []
  const source = {
    get latest() {
      return latest
    },
    current: async () => [],
    newerThan: async () => undefined,
  }
  const tokens = new VerifiedTokens<string>(() => now)
  return {
    tokens,
    keep: (header: string, expiresAt?: number) =>
      tokens.keep(header, `viewer of ${header}`, { source, keys: latest ?? [], expiresAt }),
    advance: (ms: number) => {
      now += ms
    },
    setKeys: (keys: readonly IssuerKey[] | undefined) => {
      latest = keys
    },
    now: () => now,
  }
}

describe('verified tokens', () => {
  it('are kept by the whole header', () => {
    const { tokens, keep } = start()
    keep('Bearer a')
    expect(tokens.get('Bearer a')).toBe('viewer of Bearer a')
    for (const other of ['Bearer b', 'bearer a', 'Bearer a ', 'Bearer ', ''])
      expect(tokens.get(other)).toBeUndefined()
  })

  it('are dropped at the instant they expire', () => {
    const { tokens, keep, advance, now } = start()
    keep('Bearer a', now() + 10_000)
    advance(9_999)
    expect(tokens.get('Bearer a')).toBeDefined()
    advance(1)
    expect(tokens.get('Bearer a')).toBeUndefined()
  })

  it.each([
    ['never expires', undefined],
    ['expires in a day', 86_400_000],
  ])('are kept for 60 s at most, also a token that %s', (_what, lifetime) => {
    const { tokens, keep, advance, now } = start()
    keep('Bearer a', lifetime && now() + lifetime)
    advance(MAX_AGE_MS - 1)
    expect(tokens.get('Bearer a')).toBeDefined()
    advance(1)
    expect(tokens.get('Bearer a')).toBeUndefined()
    advance(-1)
    expect(tokens.get('Bearer a')).toBeUndefined()
  })

  it('are not kept longer because they are used', () => {
    const { tokens, keep, advance } = start()
    keep('Bearer a')
    for (let n = 0; n < 6; n += 1) {
      advance(9_000)
      expect(tokens.get('Bearer a')).toBeDefined()
    }
    advance(6_000)
    expect(tokens.get('Bearer a')).toBeUndefined()
  })

  it('are dropped when the clock is set back', () => {
    const { tokens, keep, advance } = start()
    keep('Bearer a')
    advance(-1)
    expect(tokens.get('Bearer a')).toBeUndefined()
    advance(1)
    expect(tokens.get('Bearer a')).toBeUndefined()
  })

  it.each([
    ['another set', []],
    ['none', undefined],
  ])('are dropped when the keys of the issuer become %s', (_what, keys) => {
    const { tokens, keep, setKeys } = start()
    keep('Bearer a')
    setKeys(keys)
    expect(tokens.get('Bearer a')).toBeUndefined()
  })

  it('are bounded: those that were used last stay', () => {
    const { tokens, keep } = start()
    const header = (n: number) => `Bearer ${n} ${'x'.repeat(99_990)}`
    for (let n = 0; n < 150; n += 1) {
      keep(header(n))
      expect(tokens.get(header(0))).toBeDefined()
    }
    const kept = Array.from({ length: 150 }, (_, n) => tokens.get(header(n))).filter(
      (viewer) => viewer !== undefined,
    )
    expect(kept.length).toBeGreaterThan(50)
    expect(kept.length).toBeLessThanOrEqual(100)
    expect(tokens.get(header(149))).toBeDefined()
  })
})
