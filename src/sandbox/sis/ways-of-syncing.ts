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

// Sources. CONTACTS: dev.clever.com/docs/student-contacts. OLD: dev.clever.com/v1.1/docs/student-contacts, whose tables
// of each SIS have lost their cells in the copy that we have. HELP: support.clever.com/hc/en-us/articles/115002711943.

/**
 * CONTACTS: limits of syncs that are automatic and managed by the SIS, and by name the four that give contacts an id.
 * Taken here for all automatic ways, as among the four are some that Clever manages.
 */
const habitsOfAutoSync = {
  relationshipInType: { change: relationshipInType, evidence: 'documented' },
  relationshipOftenMissing: { change: relationshipOftenMissing, evidence: 'documented' },
  noPhoneType: { change: noPhoneType, evidence: 'documented' },
  noSisId: { change: noSisId, evidence: 'documented' },
  // That they are supported is documented, and also that the field may be empty: that all are there is assumed.
  everyContactHasSisId: { change: everyContactHasSisId, evidence: 'assumed' },
} as const satisfies Record<string, Habit>

const auto = habitsOfAutoSync
const words = [auto.relationshipInType, auto.relationshipOftenMissing]

/** dev.clever.com/docs/districts documents the word `sftp`, and that others vary: those here are assumed. */
export const waysOfSyncing: Readonly<Record<Sis, WayOfSyncing>> = {
  sftp: {
    sisType: { word: 'sftp', evidence: 'documented' },
    habits: [
      // HELP: the columns of name and type are required. That Clever refuses a contact without a name is assumed, and
      // the word for a missing type is ours.
      { change: noContactWithoutName, evidence: 'documented' },
      { change: noEntryWithoutType, evidence: 'documented' },
      // HELP lists words for both columns; nothing says that others are refused, and CONTACTS that not all are tidied.
      { change: relationshipsInPlainWords(0.15), evidence: 'assumed' },
      { change: typesInTheDistrictsWords, evidence: 'assumed' },
      // CONTACTS: five contacts. That an entry counts as one, as it is a row of the file, is assumed. Phone types and SIS
      // ids are columns (CONTACTS; OLD had none for phone types) that need not be filled: they stay as they are.
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
      // github.com/Clever/clever-python/issues/66 and clever-php/pull/58 report `Guardian`; the other words are ours.
      { change: relationshipsInPlainWords(0.85), evidence: 'assumed' },
      ...words,
      auto.noPhoneType,
      auto.noSisId,
    ],
  },
  'infinite-campus': {
    sisType: { word: 'infinite_campus', evidence: 'assumed' },
    habits: [
      // OLD: a cell that begins with "always", in the second row, where the table of SFTP has the type.
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
      // OLD: as for Infinite Campus. Another word, so that both are met with.
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
      // OLD: a district whose sync they disturb may have no contacts at all. Here it is every third student, so that
      // there is something to see.
      { maxEntries: (nth) => (nth % 3 === 2 ? 0 : Number.POSITIVE_INFINITY), evidence: 'documented' },
    ],
  },
  aeries: {
    sisType: { word: 'aeries', evidence: 'assumed' },
    // OLD: nothing is left of its table, so it is like any other.
    habits: [...words, auto.noPhoneType, auto.noSisId],
  },
  tyler: {
    sisType: { word: 'tyler_sis', evidence: 'assumed' },
    habits: [
      // OLD: emergency and primary contacts, each with a constant in the second row.
      { change: listedAs('Primary', 'Emergency'), evidence: 'documented' },
      // CONTACTS: an entry for each time the SIS lists a contact. That some are in both lists is assumed.
      { change: someAreListedTwice('Primary', 'Emergency'), evidence: 'assumed' },
      auto.relationshipOftenMissing,
      auto.noPhoneType,
      auto.noSisId,
    ],
  },
  illuminate: {
    sisType: { word: 'illuminate', evidence: 'assumed' },
    habits: [
      // OLD: a table of guardians and one of emergency contacts. The words for them are ours.
      { change: listedAs('Parent/Guardian', 'Emergency'), evidence: 'assumed' },
      auto.relationshipOftenMissing,
      // OLD: the one cell left in the table of guardians. It contradicts CONTACTS, where automatic ways have none; for
      // emergency contacts the cell is lost, and CONTACTS holds.
      { change: phoneTypeOnlyOf('Parent/Guardian'), evidence: 'documented' },
      auto.noSisId,
    ],
  },
  schoolinsight: {
    sisType: { word: 'schoolinsight', evidence: 'assumed' },
    // OLD: nothing is left of its table, so it is like any other.
    habits: [...words, auto.noPhoneType, auto.noSisId],
  },
}
