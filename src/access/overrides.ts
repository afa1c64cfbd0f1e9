import { z } from 'zod'
import { type Clues, cluesOf, readId } from '../identity/clues.ts'
import { matchesPerson, type PersonMatch } from '../identity/match.ts'
import { isBlankValue } from '../model/blank-values.ts'
import { parseUserId, type UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'
import type { Privilege } from './policy.ts'

const userId = z.custom<UserId>(
  (value) => typeof value === 'string' && parseUserId(value) !== undefined,
  'not a Clever id',
)
const text = z.string().trim().min(1)
/** A value of a spreadsheet's number format that has lost digits: 1.23457E+11. */
function isRounded(written: string): boolean {
  const [, decimals = '', exponent] = /^\s*\d(?:\.(\d+))?E\+?(\d{1,2})\s*$/i.exec(written) ?? []
  return exponent !== undefined && /[.+]/.test(written) && decimals.length < Number(exponent)
}
const ROUNDED = 'is a number that a spreadsheet has rounded: write all its digits'
const exactText = text.refine((written) => !isRounded(written), ROUNDED)

const DISTRICTS_ID = 'must be a text that is not empty; a number is taken only if it is whole and exact'
/** The district's own id. A file may hold it as a number. */
const districtsId = z.union([z.string(), z.number()], DISTRICTS_ID).transform((value, context) => {
  const isExact = typeof value === 'string' || (Number.isSafeInteger(value) && value >= 0)
  const id = String(value).trim()
  if (isExact && id !== '' && !isRounded(id)) return id
  context.addIssue(isRounded(id) ? ROUNDED : DISTRICTS_ID)
  return z.NEVER
})

const common = {
  student: userId.describe("Clever's id of the student."),
  privileges: z.union(
    [z.literal('ALL'), z.array(z.string().transform((name) => name as Privilege)).min(1)],
    'must be "ALL", or a list of privileges',
  ),
  reason: text.describe('The reason, for readers of the file. The gateway never logs or shows it.'),
  expires: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('The time at which the override ends. Without it, the override does not end.'),
}

const denial = z.strictObject({
  effect: z.literal('DENY'),
  ...common,
  contact: z
    .strictObject({
      id: userId,
      legacyId: districtsId,
      sisId: districtsId,
      name: text.refine(
        (name) => /\p{L}/u.test(name) && !isBlankValue(name),
        'says nothing: write the name, or leave it out beside a sisId',
      ),
      email: text,
      phone: exactText,
    })
    .partial()
    .refine(
      ({ sisId, name, email, phone }) =>
        readId(sisId) !== undefined || (name !== undefined && (sisId ?? email ?? phone) !== undefined),
      {
        message:
          'a denial names the sisId (a placeholder such as "0" only with the name), or the name with e-mail or phone: a Clever id may change',
      },
    )
    .describe(
      'The data of the contact. The denial matches by id, legacyId or sisId, or by name with e-mail or phone.',
    ),
})

/** A placeholder would grant to every contact that has it. */
const personalId = districtsId.refine(
  (id) => readId(id) !== undefined,
  'is a placeholder, which many contacts may have: a grant names one person',
)

const grant = z.strictObject({
  effect: z.literal('GRANT'),
  ...common,
  contact: z
    .union(
      [z.strictObject({ id: userId }), z.strictObject({ sisId: personalId })],
      'a grant names the id or the sisId, one of them, and nothing else',
    )
    .describe('The id of the contact, which must match exactly.'),
})

export const overridesFile = z.strictObject({
  $schema: z.string().optional(),
  overrides: z.array(z.discriminatedUnion('effect', [denial, grant])),
})

export type OverridesFile = z.infer<typeof overridesFile>
type Denial = z.infer<typeof denial>
type Grant = z.infer<typeof grant>

/** An uncertain match is also denied. */
export interface DenialMatch {
  readonly isUncertain: boolean
}

export interface Overrides {
  /** Undefined if no override denies it. */
  denial(
    contact: ContactRecord,
    studentId: UserId,
    privilege: Privilege,
    now: number,
  ): DenialMatch | undefined
  isGranted(contact: ContactRecord, studentId: UserId, privilege: Privilege, now: number): boolean
  /** When the next override ends, so that decisions made now may change; Infinity for none. ms since the epoch */
  validUntil(now: number): number
}

export const NO_OVERRIDES: Overrides = {
  denial: () => undefined,
  isGranted: () => false,
  validUntil: () => Number.POSITIVE_INFINITY,
}

/**
 * Reads the identifying values of each override once, when they are first needed. Cost of a decision: a
 * comparison with each override for the student.
 */
export function createOverrides({ overrides }: OverridesFile): Overrides {
  const denials = byStudent(overrides.filter((each) => each.effect === 'DENY').map(prepare))
  const grants = byStudent(overrides.filter((each) => each.effect === 'GRANT'))
  const ends = overrides
    .map(({ expires }) => (expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)))
    .sort((a, b) => a - b)
  return {
    validUntil: (now) => ends.find((end) => end > now) ?? Number.POSITIVE_INFINITY,
    denial(contact, studentId, privilege, now) {
      const found = (denials.get(studentId) ?? [])
        .filter((denial) => covers(denial, privilege, now))
        .map((denial) => denial.match(contact))
      if (found.includes('SAME')) return { isUncertain: false }
      return found.includes('UNCERTAIN') ? { isUncertain: true } : undefined
    },
    isGranted(contact, studentId, privilege, now) {
      return (grants.get(studentId) ?? []).some(
        (grant) => covers(grant, privilege, now) && isExactly(grant.contact, contact),
      )
    },
  }
}

interface Prepared extends Pick<Denial, 'student' | 'privileges' | 'expires'> {
  /** Compared once for each record, however many privileges are asked about. */
  match(contact: ContactRecord): PersonMatch
}

function prepare({ student, privileges, expires, contact }: Denial): Prepared {
  // A file may have 100,000 overrides, and requests wait while it is read. Therefore an override is prepared
  // only when its student is first requested.
  let clues: Clues | undefined
  const matches = new WeakMap<ContactRecord, PersonMatch>()
  return {
    student,
    privileges,
    expires,
    match(record) {
      clues ??= overrideClues(contact)
      const match = matches.get(record) ?? matchesPerson(clues, everyClueOf(record))
      matches.set(record, match)
      return match
    },
  }
}

/**
 * A value that many contacts share proves no identity. In an override it still counts, because a denial must
 * not depend on how many other contacts have the value.
 */
function everyClueOf(contact: ContactRecord): Clues {
  return cluesOf(contact.shared === undefined ? contact : { ...contact, shared: undefined })
}

/** An override has the whole name in one field, like Clever. */
export function overrideClues({ name, ...contact }: Denial['contact']): Clues {
  return cluesOf({ ...contact, name: { last: name } })
}

function byStudent<Override extends { readonly student: UserId }>(
  overrides: readonly Override[],
): ReadonlyMap<UserId, Override[]> {
  return Map.groupBy(overrides, ({ student }) => student)
}

function covers(
  { privileges, expires }: Pick<Denial, 'privileges' | 'expires'>,
  privilege: Privilege,
  now: number,
): boolean {
  if (expires !== undefined && Date.parse(expires) <= now) return false
  return privileges === 'ALL' || privileges.includes(privilege)
}

function isExactly(wanted: Grant['contact'], contact: ContactRecord): boolean {
  return 'id' in wanted ? wanted.id === contact.id : wanted.sisId === contact.sisId
}
