import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** The secrets that the router may use, and whether requests that it did not prove to be its own are allowed. */
export interface RouterTrust {
  /** Two while the secret is replaced by a new one. Another array when they change. */
  readonly secrets: readonly string[]
  readonly others: 'ALLOWED' | 'REFUSED'
}

interface Secret {
  readonly text: string
  readonly digest: Buffer
}

const BYTES_OF_DIGEST = 32

/** Checks the proofs of a router. Each secret is compared in constant time, and all of them are compared each time. */
export class RouterProofs {
  readonly #trust: RouterTrust
  #known: { readonly texts: readonly string[]; readonly secrets: readonly Secret[] }

  constructor(trust: RouterTrust) {
    this.#trust = trust
    this.#known = withDigests(trust.secrets)
  }

  get #secrets(): readonly Secret[] {
    if (this.#known.texts !== this.#trust.secrets) this.#known = withDigests(this.#trust.secrets)
    return this.#known.secrets
  }

  /** Whether `header` is a secret itself. A header that was sent twice is joined by a comma, which no secret contains. */
  isSecret(header: string | string[] | undefined): boolean {
    if (typeof header !== 'string' || header === '') return false
    // Digests have the same length: the comparison does not reveal that of the secret.
    const given = digestOf(header)
    return this.#matchesAny(given, ({ digest }) => digest)
  }

  /** Whether `header`, hex in lower case, is the HMAC-SHA256 of the body. */
  isSignature(header: string | string[] | undefined, body: Buffer): boolean {
    if (typeof header !== 'string' || !/^[0-9a-f]{64}$/.test(header)) return false
    return this.isHmac(Buffer.from(header, 'hex'), body)
  }

  /** Whether `given` is the HMAC-SHA256 of the content. */
  isHmac(given: Buffer, content: string | Buffer): boolean {
    if (given.length !== BYTES_OF_DIGEST) return false
    return this.#matchesAny(given, ({ text }) => createHmac('sha256', text).update(content).digest())
  }

  #matchesAny(given: Buffer, expected: (secret: Secret) => Buffer): boolean {
    return this.#secrets.filter((secret) => timingSafeEqual(given, expected(secret))).length > 0
  }
}

function withDigests(texts: readonly string[]) {
  return { texts, secrets: texts.map((text) => ({ text, digest: digestOf(text) })) }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
