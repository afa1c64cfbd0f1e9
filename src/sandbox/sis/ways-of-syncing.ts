import {
  type Change,
  everyContactHasSisId,
  listedAs,
  noContactWithoutName,
  noEntryWithoutType,
  noPhoneType,
  noSisId,
  phoneTypeOnlyOf,
  relationshipInType,
  relationshipOftenMissing,
  relationshipsInPlainWords,
  sameTypeForAll,
  someAreListedTwice,
  typesInTheDistrictsWords,
} from './habits.ts'

/** How a district's contacts reach Clever: by files, or from a student information system. */
export const SIS_NAMES = [
  'sftp',
  'auto-sync',
  'powerschool',
  'infinite-campus',
  'ic-oneroster',
  'skyward',
  'skyward-api',
  'inow',
  'aeries',
  'tyler',
  'illuminate',
  'schoolinsight',
] as const
export type Sis = (typeof SIS_NAMES)[number]

/** Whether Clever or one of its users documents it, or it is assumed. Shares are always assumed. */
export type Evidence = 'documented' | 'assumed'

export type Habit = { readonly evidence: Evidence } & (
  | { readonly change: Change }
  /** How many entries may name a student. `n`: the position of the student, from 0. */
  | { readonly maxEntries: (nth: number) => number }
)

export interface WayOfSyncing {
  readonly sisType: { readonly word: string; readonly evidence: Evidence }
  /** In the order in which they are applied. */
  readonly habits: readonly Habit[]
}

// Sources. CONTACTS: dev.clever.com/docs/student-contacts. OLD: dev.clever.com/v1.1/docs/student-contacts.
// The available copy of OLD has lost most cells of its tables for each SIS. HELP:
// support.clever.com/hc/en-us/articles/115002711943.

/**
 * CONTACTS lists limits of automatic syncs that the SIS manages, and names the four that give contacts an id.
 * Here the limits hold for all automatic ways, because Clever manages some of the four.
 */
const habitsOfAutoSync = {
  relationshipInType: { change: relationshipInType, evidence: 'documented' },
  relationshipOftenMissing: { change: relationshipOftenMissing, evidence: 'documented' },
  noPhoneType: { change: noPhoneType, evidence: 'documented' },
  noSisId: { change: noSisId, evidence: 'documented' },
  // It is documented that ids are supported and that the field may be empty. It is assumed that all contacts
  // have one.
  everyContactHasSisId: { change: everyContactHasSisId, evidence: 'assumed' },
} as const satisfies Record<string, Habit>

const auto = habitsOfAutoSync
const words = [auto.relationshipInType, auto.relationshipOftenMissing]

/**
 * dev.clever.com/docs/districts documents the word `sftp` and says that others vary. The other words here are
 * assumed.
 */
export const waysOfSyncing: Readonly<Record<Sis, WayOfSyncing>> = {
  sftp: {
    sisType: { word: 'sftp', evidence: 'documented' },
    habits: [
      // HELP: the columns of name and type are required. It is assumed that Clever refuses a contact without
      // a name. The word for a missing type is invented.
      { change: noContactWithoutName, evidence: 'documented' },
      { change: noEntryWithoutType, evidence: 'documented' },
      // HELP lists words for both columns. Nothing says that other words are refused, and CONTACTS says that
      // not all are normalized.
      { change: relationshipsInPlainWords(0.15), evidence: 'assumed' },
      { change: typesInTheDistrictsWords, evidence: 'assumed' },
      // CONTACTS: five contacts. It is assumed that each entry counts as one, because it is a row of the
      // file. Phone types and SIS ids are optional columns (CONTACTS; OLD had none for phone types), so they
      // do not change.
      { maxEntries: () => 5, evidence: 'documented' },
    ],
  },
  'auto-sync': {
    sisType: { word: 'auto_sync', evidence: 'assumed' },
    habits: [...words, auto.noPhoneType, auto.noSisId],
  },
  powerschool: {
    sisType: { word: 'powerschool', evidence: 'assumed' },
    habits: [
      // github.com/Clever/clever-python/issues/66 and clever-php/pull/58 report `Guardian`. The other words
      // are invented.
      { change: relationshipsInPlainWords(0.85), evidence: 'assumed' },
      ...words,
      auto.noPhoneType,
      auto.noSisId,
    ],
  },
  'infinite-campus': {
    sisType: { word: 'infinite_campus', evidence: 'assumed' },
    habits: [
      // OLD: the second row, which is the type in the table of SFTP, has a cell that begins with "always".
      { change: sameTypeForAll('Parent/Guardian'), evidence: 'assumed' },
      auto.relationshipOftenMissing,
      auto.noPhoneType,
      auto.everyContactHasSisId,
    ],
  },
  'ic-oneroster': {
    sisType: { word: 'ic_oneroster_api', evidence: 'assumed' },
    habits: [...words, auto.noPhoneType, auto.everyContactHasSisId],
  },
  skyward: {
    sisType: { word: 'skyward', evidence: 'assumed' },
    habits: [
      // OLD: as for Infinite Campus. This has another word, so that the sandbox has both.
      { change: sameTypeForAll('Primary'), evidence: 'assumed' },
      auto.relationshipOftenMissing,
      auto.noPhoneType,
      auto.everyContactHasSisId,
    ],
  },
  'skyward-api': {
    sisType: { word: 'skyward_api', evidence: 'assumed' },
    habits: [...words, auto.noPhoneType, auto.everyContactHasSisId],
  },
  inow: {
    sisType: { word: 'inow', evidence: 'assumed' },
    habits: [
      ...words,
      auto.noPhoneType,
      auto.noSisId,
      // OLD: a district may have no contacts at all if they disturb its sync. Here only every third student
      // has none, so that some contacts remain.
      { maxEntries: (nth) => (nth % 3 === 2 ? 0 : Number.POSITIVE_INFINITY), evidence: 'documented' },
    ],
  },
  aeries: {
    sisType: { word: 'aeries', evidence: 'assumed' },
    // OLD: all cells of its table are lost, so it is like any other automatic way.
    habits: [...words, auto.noPhoneType, auto.noSisId],
  },
  tyler: {
    sisType: { word: 'tyler_sis', evidence: 'assumed' },
    habits: [
      // OLD: emergency and primary contacts, each with a constant in the second row.
      { change: listedAs('Primary', 'Emergency'), evidence: 'documented' },
      // CONTACTS: an entry for each time the SIS lists a contact. It is assumed that some people are in both
      // lists.
      { change: someAreListedTwice('Primary', 'Emergency'), evidence: 'assumed' },
      auto.relationshipOftenMissing,
      auto.noPhoneType,
      auto.noSisId,
    ],
  },
  illuminate: {
    sisType: { word: 'illuminate', evidence: 'assumed' },
    habits: [
      // OLD: a table of guardians and one of emergency contacts. The words for them are invented.
      { change: listedAs('Parent/Guardian', 'Emergency'), evidence: 'assumed' },
      auto.relationshipOftenMissing,
      // OLD: the only remaining cell in the table of guardians. It contradicts CONTACTS, where automatic ways
      // have no phone types. For emergency contacts the cell is lost, so CONTACTS applies.
      { change: phoneTypeOnlyOf('Parent/Guardian'), evidence: 'documented' },
      auto.noSisId,
    ],
  },
  schoolinsight: {
    sisType: { word: 'schoolinsight', evidence: 'assumed' },
    // OLD: all cells of its table are lost, so it is like any other automatic way.
    habits: [...words, auto.noPhoneType, auto.noSisId],
  },
}
