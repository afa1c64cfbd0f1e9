import { createHmac, hkdfSync } from 'node:crypto'
import { createSealer } from '../view/sealed-text.ts'

/** The names of what Redis holds, and texts that only the replicas can read. */
export interface Names {
  /** A keyed hash. The same text gives the same name on all replicas. */
  hash(kind: string, text: string): string
  seal(text: string, owner: string): string
  /** Undefined for a text that was sealed with another secret. */
  open(sealed: string, owner: string): string | undefined
}

const INFO = 'clever-contacts-gateway replicas'

/** `secret`: shared by all replicas. */
export function createNames(secret: string): Names {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `${INFO} names`, 32))
  const sealer = createSealer(
    Buffer.from(hkdfSync('sha256', secret, '', `${INFO} texts`, 32)).toString('hex'),
  )
  return {
    hash: (kind, text) =>
      createHmac('sha256', key)
        .update(JSON.stringify([kind, text]))
        .digest('base64url')
        .slice(0, 22),
    seal: sealer.seal,
    open: sealer.open,
  }
}
