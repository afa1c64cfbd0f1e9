import { hash } from 'node:crypto'
import type { StudentRelationship } from './records.ts'

/** The values that Clever derives a contact's id from. An empty string counts as absent. */
export interface ContactIdentity {
  readonly name?: string | undefined
  readonly email?: string | undefined
  readonly phone?: string | undefined
  readonly phoneType?: string | undefined
  readonly sisId?: string | undefined
  readonly firstEntry?: StudentRelationship | undefined
}

export interface ContactIds {
  readonly id: string
  readonly legacyId: string
}

/**
 * The rule of dev.clever.com/docs/contacts-guardians: the SIS id if there is one, else name and e-mail, else
 * name and phone, else name, type, relationship and phone type. Two people with equal keys are one contact.
 * How Clever folds the key into an id is not public; here it is a hash shaped like an ObjectId.
 */
export function deriveContactIds(districtId: string, contact: ContactIdentity): ContactIds {
  const digest = hash('sha256', [districtId, ...identityKey(contact)].join('\n'))
  return { id: asObjectId(digest.slice(0, 24)), legacyId: asObjectId(digest.slice(24, 48)) }
}

function identityKey({ name = '', email, phone, phoneType = '', sisId, firstEntry }: ContactIdentity) {
  if (sisId) return ['sis_id', sisId]
  if (email) return ['name+email', name, email]
  if (phone) return ['name+phone', name, phone]
  return ['name+type', name, firstEntry?.type ?? '', firstEntry?.relationship ?? '', phoneType]
}

const firstSecond = 0x5f000000 // July 2020
const lastSecond = 0x68b00000 // August 2025

/** An ObjectId starts with the seconds of its creation, so the first four bytes are folded into recent years. */
function asObjectId(hex: string): string {
  const seconds = firstSecond + (Number.parseInt(hex.slice(0, 8), 16) % (lastSecond - firstSecond))
  return seconds.toString(16).padStart(8, '0') + hex.slice(8)
}
