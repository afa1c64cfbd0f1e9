import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'

/** Encrypts texts that go to the client and come back, such as cursors that hold a name. */
export interface Sealer {
  /** URL-safe. The same text and owner give the same result. Cost: 20 µs. */
  seal(text: string, owner: string): string
  /** Undefined for a text that was not sealed for this owner with this secret, or that was changed. */
  open(sealed: string, owner: string): string | undefined
}

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** The length of a sealed text is a multiple of this, so that it does not reveal the length of a name. */
const BLOCK_BYTES = 64
const PADDING = '\0'

/**
 * The keys come from a secret that all replicas of the gateway share, so that each of them opens what another one sealed, also
 * after a restart. The nonce is a MAC of the content: no two contents share one, and no random numbers are needed.
 */
export function createSealer(secret: string): Sealer {
  const keys = Buffer.from(hkdfSync('sha256', secret, '', 'clever-contacts-gateway cursors', 2 * KEY_BYTES))
  const [cipherKey, nonceKey] = [keys.subarray(0, KEY_BYTES), keys.subarray(KEY_BYTES)]
  return {
    seal(text, owner) {
      const padded = padToBlock(text)
      const nonce = createHmac('sha256', nonceKey)
        .update(JSON.stringify([owner, padded]))
        .digest()
        .subarray(0, NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, cipherKey, nonce).setAAD(Buffer.from(owner))
      const body = Buffer.concat([cipher.update(padded, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')
    },
    open(sealed, owner) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return undefined
      const decipher = createDecipheriv(CIPHER, cipherKey, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
        return Buffer.concat([body, decipher.final()]).toString('utf8').replaceAll(PADDING, '')
      } catch {
        return undefined
      }
    },
  }
}

/** The secrets that are remembered: the current one, and those of cursors that clients may still hold. */
const MAX_SECRETS = 3

/** A sealer whose secret may change. What an earlier secret has sealed is still opened. */
export function createChangingSealer(current: () => string): Sealer {
  let sealers: readonly { readonly secret: string; readonly sealer: Sealer }[] = []
  function latest(): Sealer {
    const secret = current()
    const [first] = sealers
    if (first?.secret === secret) return first.sealer
    const sealer = createSealer(secret)
    sealers = [{ secret, sealer }, ...sealers.filter((each) => each.secret !== secret)].slice(0, MAX_SECRETS)
    return sealer
  }
  return {
    seal: (text, owner) => latest().seal(text, owner),
    open(sealed, owner) {
      latest()
      for (const { sealer } of sealers) {
        const text = sealer.open(sealed, owner)
        if (text !== undefined) return text
      }
      return undefined
    },
  }
}

function padToBlock(text: string): string {
  const missing = (BLOCK_BYTES - (Buffer.byteLength(text) % BLOCK_BYTES)) % BLOCK_BYTES
  return text + PADDING.repeat(missing)
}
