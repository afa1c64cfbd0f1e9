import { createHmac, timingSafeEqual } from 'node:crypto'

/** Whether `header`, hex in lower case, is the HMAC-SHA256 of the body under the secret that only the router shares. */
export function isSignedBy(secret: string, body: string | Buffer, header: string | undefined): boolean {
  if (header === undefined || !/^[0-9a-f]{64}$/.test(header)) return false
  return timingSafeEqual(createHmac('sha256', secret).update(body).digest(), Buffer.from(header, 'hex'))
}
