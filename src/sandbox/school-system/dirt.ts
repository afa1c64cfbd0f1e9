import type { StudentRelationship, User } from '../roster/records.ts'
import type { Guardian, Household } from './household.ts'
import type { Random } from './random.ts'

export interface DirtSources {
  readonly random: Random
  /** The id of a new brother or sister whom the district does not share with the app. */
  unsharedSibling(household: Household): string
  otherParent(household: Household): Guardian
  /** A staff member of one of the district's schools. */
  teacher(): User
  /** A name and nothing else that identifies a person. Every second call repeats the name before. */
  bareName(): string
}

type Dirt = (guardian: Guardian, household: Household, sources: DirtSources) => void

/** Faults of real rosters. Each is named after its result. */
const kinds = {
  severalEntriesForOnePair(guardian) {
    const [first] = guardian.entries
    if (first) guardian.entries.push({ ...first, type: first.type === 'Emergency' ? 'Other' : 'Emergency' })
  },
  exactDuplicateEntry(guardian) {
    guardian.entries.push(...guardian.entries.slice(0, 1))
  },
  studentNotShared(guardian, household, { unsharedSibling }) {
    const [first] = guardian.entries
    if (first) guardian.entries.push({ ...first, student: unsharedSibling(household) })
  },
  emptyStrings(guardian) {
    Object.assign(guardian, { phone: '', phoneType: '' })
    edit(guardian, { relationship: '', type: '' })
  },
  noEmailKey(guardian) {
    delete guardian.email
  },
  noPhoneKeys(guardian) {
    delete guardian.phone
    delete guardian.phoneType
  },
  noEntryKeys(guardian) {
    guardian.entries = guardian.entries.map(({ student }) => ({ student }))
  },
  // github.com/Clever/clever-python/issues/66: PowerSchool districts delivered `Guardian`.
  relationshipOutsideTheEnum(guardian, _household, { random }) {
    edit(guardian, {
      relationship: random.pick(['Guardian', 'Mother', 'Father', 'Foster Parent', 'Stepmother']),
    })
  },
  relationshipInType(guardian, _household, { random }) {
    edit(guardian, { type: random.pick(['Mother', 'Father', 'Grandmother', 'Aunt']), relationship: '' })
  },
  emailWithoutAt(guardian) {
    guardian.email = (guardian.email ?? '').replace('@', '.')
  },
  familyEmail(guardian, household, { otherParent }) {
    if (household.guardians.length === 1) household.guardians.push(otherParent(household))
    for (const member of household.guardians) member.email = guardian.email ?? ''
  },
  noName(guardian) {
    delete guardian.name
  },
  untidySpelling(guardian) {
    guardian.name = `  ${guardian.name?.toUpperCase() ?? ''} `
    if (guardian.email) guardian.email = guardian.email.toUpperCase()
    edit(guardian, { relationship: 'parent' })
  },
  // Clever does not merge the two: a teacher who is a guardian is two users with one e-mail.
  teacherIsAlsoGuardian(guardian, _household, { teacher }) {
    const { name, email } = teacher()
    Object.assign(guardian, { name: `${name.first} ${name.last}`, email })
  },
  nameIsAllThereIs(guardian, _household, { bareName }) {
    Object.assign(guardian, { name: bareName(), email: '', phone: '', phoneType: 'Other', sisId: '' })
    edit(guardian, { relationship: 'Other', type: 'Emergency' })
  },
} as const satisfies Record<string, Dirt>

const known: readonly Dirt[] = Object.values(kinds)
/** Two people with the same name and nothing else become one contact, so this kind has to occur twice. */
const guaranteed: readonly Dirt[] = [...known, kinds.nameIsAllThereIs]

export const guaranteedHouseholds = guaranteed.length

/**
 * Each of the first households gets one kind, so that even a small district has all kinds. Later households
 * seldom get one.
 */
export function soil(household: Household, index: number, sources: DirtSources): void {
  const { random } = sources
  const certain = guaranteed[index]
  if (!certain) for (const guardian of household.guardians) forget(guardian, random)
  const dirt = certain ?? (random.chance(0.12) ? random.pick(known) : undefined)
  const guardian = household.guardians[random.below(household.guardians.length)]
  if (dirt && guardian) dirt(guardian, household, sources)
}

/** Schools do not know one e-mail in five and one phone in twelve. */
export function forget(guardian: Guardian, random: Random) {
  if (random.chance(0.2)) guardian.email = ''
  if (random.chance(0.08)) guardian.phone = ''
}

function edit(guardian: Guardian, change: Partial<StudentRelationship>) {
  guardian.entries = guardian.entries.map((entry) => ({ ...entry, ...change }))
}
