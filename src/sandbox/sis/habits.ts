import type { StudentRelationship } from '../roster/records.ts'
import type { Guardian } from '../school-system/household.ts'
import type { Gender } from '../school-system/names.ts'
import type { Random } from '../school-system/random.ts'

/** The data about the school system that a habit needs. */
export interface Desk {
  readonly random: Random
  /** A new id with each call, which no other contact has. */
  nextSisId(): string
}

/**
 * Turns one person into the record that Clever receives. Clever does not receive a person without entries.
 */
export type Change = (person: Guardian, desk: Desk) => void

export const noSisId: Change = (person) => {
  person.sisId = ''
}

export const everyContactHasSisId: Change = (person, desk) => {
  person.sisId = desk.nextSisId()
}

/** It is not known how Clever sends an unset phone type. Here the key is missing. */
export const noPhoneType: Change = (person) => {
  delete person.phoneType
}

/** Other fields were seen on the wire both without a key and as an empty string. */
export const relationshipOftenMissing: Change = (person, { random }) => {
  if (!random.chance(0.4)) return
  const absent = random.chance(0.5) ? {} : { relationship: '' }
  edit(person, ({ relationship: _missing, ...entry }) => ({ ...absent, ...entry }))
}

export const relationshipInType: Change = (person, { random }) => {
  if (!random.chance(0.25)) return
  edit(person, (entry) =>
    entry.relationship ? { ...entry, relationship: '', type: entry.relationship } : entry,
  )
}

/** For a field that Clever requires and the SIS does not have. */
export function sameTypeForAll(type: string): Change {
  return (person) => edit(person, (entry) => ({ ...entry, type }))
}

/** Words for relationships that Clever does not document. */
const plainWords: Readonly<Record<string, Readonly<Record<Gender, readonly string[]>>>> = {
  Parent: { F: ['Mother', 'Guardian'], M: ['Father', 'Guardian'], X: ['Guardian'] },
  Grandparent: { F: ['Grandmother'], M: ['Grandfather'], X: ['Guardian'] },
  'Aunt/Uncle': { F: ['Aunt'], M: ['Uncle'], X: ['Relative'] },
}

/** A share of the people, from 0 to 1, has a word that Clever does not document. */
export function relationshipsInPlainWords(share: number): Change {
  return (person, { random }) => {
    if (!random.chance(share)) return
    edit(person, (entry) => {
      const words = plainWords[entry.relationship ?? '']?.[person.gender ?? 'X']
      return words ? { ...entry, relationship: random.pick(words) } : entry
    })
  }
}

const typesOfTheDistrict = ['Guardian 1', 'Contact 3', 'EMERGENCY', 'Authorized Pickup']

export const typesInTheDistrictsWords: Change = (person, { random }) => {
  if (!random.chance(0.15)) return
  const type = random.pick(typesOfTheDistrict)
  edit(person, (entry) => ({ ...entry, type }))
}

export const noContactWithoutName: Change = (person) => {
  if (!person.name) person.entries = []
}

export const noEntryWithoutType: Change = (person) => {
  edit(person, (entry) => ({ ...entry, type: entry.type || 'Other' }))
}

const guardianTypes: readonly (string | undefined)[] = ['Parent/Guardian', 'Primary', 'Secondary']

/** The SIS has one list for the household and one for emergencies. Each entry comes from one of them. */
export function listedAs(guardian: string, emergency: string): Change {
  return (person) =>
    edit(person, (entry) => ({ ...entry, type: guardianTypes.includes(entry.type) ? guardian : emergency }))
}

/** Applied after `listedAs`: some people are in both lists, with an entry for each. */
export function someAreListedTwice(guardian: string, emergency: string): Change {
  return (person, { random }) => {
    if (!random.chance(0.15)) return
    person.entries = person.entries.flatMap((entry) =>
      entry.type === guardian ? [entry, { ...entry, type: emergency }] : entry,
    )
  }
}

/** Only contacts with an entry of this type have a phone type, if they have a phone. */
export function phoneTypeOnlyOf(type: string): Change {
  return (person, { random }) => {
    if (!person.entries.some((entry) => entry.type === type)) delete person.phoneType
    else if (person.phone) person.phoneType ||= random.pick(['Cell', 'Home', 'Work'])
  }
}

function edit(person: Guardian, change: (entry: StudentRelationship) => StudentRelationship) {
  person.entries = person.entries.map(change)
}
