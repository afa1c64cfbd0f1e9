import { distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { parseUserId, type UserId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import type { Privilege } from './policy.ts'

const userId = z.custom<UserId>(
  (value) => typeof value === 'string' && parseUserId(value) !== undefined,
  'not a Clever id',
)
const text = z.string().trim().min(1)

const common = {
  student: userId.describe("Clever's id of the student."),
  privileges: z.union([z.literal('ALL'), z.array(z.string().transform((name) => name as Privilege)).min(1)]),
  reason: text.describe('For the file itself; never logged or shown.'),
  expires: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('After this instant it no longer holds; without it, for good.'),
}

const denial = z.strictObject({
  effect: z.literal('DENY'),
  ...common,
  contact: z
    .strictObject({ id: userId, legacyId: text, sisId: text, name: text, email: text, phone: text })
    .partial()
    .refine(
      ({ sisId, name, email, phone }) =>
        sisId !== undefined || (name !== undefined && (email ?? phone) !== undefined),
      {
        message: 'a denial names the sisId, or the name with e-mail or phone: a Clever id may change',
      },
    )
    .describe(
      'All that is known of the contact. Any of id, legacyId, sisId, or the name with e-mail or phone matches.',
    ),
})

const grant = z.strictObject({
  effect: z.literal('GRANT'),
  ...common,
  contact: z
    .union([z.strictObject({ id: userId }), z.strictObject({ sisId: text })])
    .describe('Matches exactly or not at all.'),
})

export const overridesFile = z.strictObject({
  $schema: z.string().optional(),
  overrides: z.array(z.discriminatedUnion('effect', [denial, grant])),
})

export type OverridesFile = z.infer<typeof overridesFile>
type Denial = z.infer<typeof denial>
type Grant = z.infer<typeof grant>

/** Doubtful: it may be somebody else, and is denied all the same. */
export interface Denied {
  readonly isDoubtful: boolean
}

export interface Overrides {
  /** Undefined when nobody denies it. */
  denial(contact: ContactRecord, studentId: UserId, privilege: Privilege, now: number): Denied | undefined
  isGranted(contact: ContactRecord, studentId: UserId, privilege: Privilege, now: number): boolean
}

export const NO_OVERRIDES: Overrides = { denial: () => undefined, isGranted: () => false }

export function createOverrides({ overrides }: OverridesFile): Overrides {
  const denials = byStudent(overrides.filter((each) => each.effect === 'DENY'))
  const grants = byStudent(overrides.filter((each) => each.effect === 'GRANT'))
  return {
    denial(contact, studentId, privilege, now) {
      const found = (denials.get(studentId) ?? [])
        .filter((denial) => covers(denial, privilege, now))
        .map((denial) => likeness(denial.contact, contact))
      if (found.includes('SAME')) return { isDoubtful: false }
      return found.includes('DOUBTFUL') ? { isDoubtful: true } : undefined
    },
    isGranted(contact, studentId, privilege, now) {
      return (grants.get(studentId) ?? []).some(
        (grant) => covers(grant, privilege, now) && isExactly(grant.contact, contact),
      )
    },
  }
}

function byStudent<Override extends Denial | Grant>(
  overrides: readonly Override[],
): ReadonlyMap<UserId, Override[]> {
  return Map.groupBy(overrides, ({ student }) => student)
}

function covers({ privileges, expires }: Denial | Grant, privilege: Privilege, now: number): boolean {
  if (expires !== undefined && Date.parse(expires) <= now) return false
  return privileges === 'ALL' || privileges.includes(privilege)
}

function isExactly(wanted: Grant['contact'], contact: ContactRecord): boolean {
  return 'id' in wanted ? wanted.id === contact.id : wanted.sisId === contact.sisId
}

type Likeness = 'SAME' | 'DOUBTFUL' | 'DIFFERENT'

/**
 * Whether a denial means this contact, who is listed for the same student. Clever derives an id from name and e-mail
 * or phone where there is no sisId, so that any of the three may have been corrected, and the id with it.
 */
function likeness(wanted: Denial['contact'], contact: ContactRecord): Likeness {
  if (wanted.id === contact.id) return 'SAME'
  if (wanted.legacyId !== undefined && foldId(wanted.legacyId) === foldId(contact.legacyId)) return 'SAME'
  if (wanted.sisId !== undefined && foldId(wanted.sisId) === foldId(contact.sisId)) return 'SAME'
  if (wanted.name === undefined) return 'DIFFERENT'

  const names = compareNames(wanted.name, wholeName(contact))
  const hasEmail = isEqual(foldEmail(wanted.email), foldEmail(contact.email))
  const hasPhone = isEqual(foldPhone(wanted.phone), foldPhone(contact.phone))
  if (names === 'SAME') return hasEmail || hasPhone ? 'SAME' : 'DOUBTFUL'
  if (names === 'ALIKE') return hasEmail || hasPhone ? 'DOUBTFUL' : 'DIFFERENT'
  // A couple may share one address or one number; whoever has both may be the same person under another name.
  return hasEmail && hasPhone ? 'DOUBTFUL' : 'DIFFERENT'
}

function compareNames(wanted: string, actual: string): 'SAME' | 'ALIKE' | 'DIFFERENT' {
  const [a, b] = [nameParts(wanted), nameParts(actual)]
  if (inAnyOrder(a) === inAnyOrder(b)) return 'SAME'

  const [onlyInA, onlyInB] = [a.filter((part) => !b.includes(part)), b.filter((part) => !a.includes(part))]
  // Also a name that is gone: it may have been this one.
  const isContained = onlyInA.length === 0 || onlyInB.length === 0
  // Two letters: a typing error, corrected, in the whole or in what the two do not share.
  const isTypo = [
    [a.join(''), b.join('')],
    [inAnyOrder(a), inAnyOrder(b)],
    [onlyInA.join(''), onlyInB.join('')],
  ].some(([one = '', other = '']) => distance(one, other) <= 2)
  return isContained || isTypo ? 'ALIKE' : 'DIFFERENT'
}

/** Without accents, case and punctuation. */
function nameParts(name: string): readonly string[] {
  const folded = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return folded.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '')
}

/** As "Collins, Aaron" is Aaron Collins. */
function inAnyOrder(parts: readonly string[]): string {
  return [...parts].sort().join(' ')
}

function wholeName({ name: { first, middle, last } }: ContactRecord): string {
  return [first, middle, last].join(' ')
}

/** Nothing equals nothing. */
function isEqual(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted !== undefined && wanted === actual
}

function foldEmail(email: string | undefined): string | undefined {
  return email?.normalize('NFKC').trim().toLowerCase()
}

/** The last ten digits: a country code may be there or not, and so may an extension. */
function foldPhone(phone: string | undefined): string | undefined {
  const number = phone
    ?.replace(/(?:x|ext\.?|extension|#)\s*\d+\s*$/i, '')
    .replace(/\D/g, '')
    .slice(-10)
  return number === '' ? undefined : number
}

function foldId(id: string | undefined): string | undefined {
  return id?.trim().toLowerCase()
}
