import { foldForSearch } from './names.ts'

/** A limitation of a way of syncing. */
export type SisLimitation =
  | 'MORE_THAN_FIVE_CONTACTS'
  | 'CUSTOM_MAPPINGS'
  | 'SIS_ID'
  | 'PHONE_TYPE'
  | 'RELATIONSHIP'
  | 'RELATIONSHIP_IN_ITS_FIELD'
  | 'DOCUMENTED_WORDS'
  | 'DISTINCT_WORDS'
  | 'FURTHER_TYPES'
  | 'EVERY_CONTACT'
  | 'NORMALIZED_TEXT'

export interface SisNote {
  readonly lacks: SisLimitation
  readonly text: string
  /** Documented by Clever, or assumed. */
  readonly grade: 'DOCUMENTED' | 'ASSUMED'
  readonly source: string
}

interface WayOfSyncing {
  /**
   * `sis_type` without case, spaces and punctuation. Clever documents "sftp" alone and says that others vary
   * (dev.clever.com/docs/districts): all other words here are assumed.
   */
  readonly sisTypes: readonly string[]
  readonly notes: readonly SisNote[]
}

const CONTACTS = 'dev.clever.com/docs/student-contacts'
/**
 * The source is API v1, five years old; the available copy has lost most cells of its tables for each SIS.
 */
const OLD_CONTACTS = 'dev.clever.com/v1.1/docs/student-contacts'
const HELP = 'support.clever.com/hc/en-us/articles/115002711943'

const ANY: readonly SisNote[] = [
  {
    lacks: 'NORMALIZED_TEXT',
    text: 'Names, words and numbers arrive as the district typed them.',
    grade: 'DOCUMENTED',
    source: CONTACTS,
  },
]

const AUTO_SYNC: readonly SisNote[] = [
  {
    lacks: 'RELATIONSHIP',
    text: 'The relationship is often missing.',
    grade: 'DOCUMENTED',
    source: CONTACTS,
  },
  {
    lacks: 'RELATIONSHIP_IN_ITS_FIELD',
    text: 'The type may have the word for the relationship.',
    grade: 'DOCUMENTED',
    source: CONTACTS,
  },
  {
    lacks: 'PHONE_TYPE',
    text: 'The data has no type for a phone.',
    grade: 'DOCUMENTED',
    source: CONTACTS,
  },
]

const NO_SIS_ID: SisNote = {
  lacks: 'SIS_ID',
  text: "Contacts have no district's own id, so their Clever ids are not stable.",
  grade: 'DOCUMENTED',
  source: CONTACTS,
}

const SIS_ID_MAY_BE_EMPTY: SisNote = {
  lacks: 'SIS_ID',
  text: "The district's own id of a contact is supported, but it may be empty.",
  grade: 'DOCUMENTED',
  source: CONTACTS,
}

const CONSTANT_WORD: SisNote = {
  lacks: 'DISTINCT_WORDS',
  text: 'The type or the relationship may be the same word for all contacts.',
  grade: 'ASSUMED',
  source: `${OLD_CONTACTS}, a cell that begins with "always"`,
}

export const SIS_NOTES = {
  SFTP: {
    sisTypes: ['sftp'],
    notes: [
      {
        lacks: 'MORE_THAN_FIVE_CONTACTS',
        text: 'A student has at most five contacts. Further contacts do not arrive.',
        grade: 'DOCUMENTED',
        source: CONTACTS,
      },
      {
        lacks: 'CUSTOM_MAPPINGS',
        text: 'The file has fixed columns, and no others.',
        grade: 'DOCUMENTED',
        source: CONTACTS,
      },
      {
        lacks: 'RELATIONSHIP',
        text: 'The relationship is an optional column, while name and type are required.',
        grade: 'DOCUMENTED',
        source: HELP,
      },
      {
        lacks: 'SIS_ID',
        text: "The district's own id of a contact is an optional column.",
        grade: 'DOCUMENTED',
        source: CONTACTS,
      },
      // Clever's older page says that there is no column for it. The newer page lists the column.
      {
        lacks: 'PHONE_TYPE',
        text: 'The type of a phone is a column that older uploads do not have.',
        grade: 'ASSUMED',
        source: `${OLD_CONTACTS} against ${CONTACTS}`,
      },
    ],
  },
  POWERSCHOOL: {
    sisTypes: ['powerschool', 'powerschoolapi'],
    notes: [
      ...AUTO_SYNC,
      NO_SIS_ID,
      {
        lacks: 'DOCUMENTED_WORDS',
        text: 'Relationships may be words that Clever does not document, such as Guardian.',
        grade: 'ASSUMED',
        source: 'github.com/Clever/clever-python/issues/66 and clever-php/pull/58, both of 2020',
      },
    ],
  },
  INFINITE_CAMPUS: {
    sisTypes: ['infinitecampus', 'ic'],
    notes: [...AUTO_SYNC, SIS_ID_MAY_BE_EMPTY, CONSTANT_WORD],
  },
  INFINITE_CAMPUS_ONEROSTER: {
    sisTypes: ['iconerosterapi', 'iconeroster', 'infinitecampusoneroster', 'infinitecampusonerosterapi'],
    notes: [...AUTO_SYNC, SIS_ID_MAY_BE_EMPTY],
  },
  SKYWARD: {
    sisTypes: ['skyward'],
    notes: [...AUTO_SYNC, SIS_ID_MAY_BE_EMPTY, CONSTANT_WORD],
  },
  SKYWARD_API: {
    sisTypes: ['skywardapi'],
    notes: [...AUTO_SYNC, SIS_ID_MAY_BE_EMPTY],
  },
  INOW: {
    sisTypes: ['inow'],
    notes: [
      ...AUTO_SYNC,
      NO_SIS_ID,
      {
        lacks: 'EVERY_CONTACT',
        text: 'All contacts may be missing, because they can disturb the sync.',
        grade: 'DOCUMENTED',
        source: OLD_CONTACTS,
      },
    ],
  },
  TYLER: {
    sisTypes: ['tyler', 'tylersis'],
    notes: [
      ...AUTO_SYNC,
      NO_SIS_ID,
      {
        lacks: 'FURTHER_TYPES',
        text: 'Only emergency and primary contacts arrive.',
        grade: 'DOCUMENTED',
        source: OLD_CONTACTS,
      },
    ],
  },
  ILLUMINATE: {
    sisTypes: ['illuminate'],
    notes: [
      // Unlike other automatic ways, it gives guardians a phone type.
      ...AUTO_SYNC.filter(({ lacks }) => lacks !== 'PHONE_TYPE'),
      NO_SIS_ID,
      {
        lacks: 'FURTHER_TYPES',
        text: 'Only guardians and emergency contacts arrive.',
        grade: 'ASSUMED',
        source: `${OLD_CONTACTS}, which has a table for each of the two`,
      },
    ],
  },
  /**
   * Aeries, SchoolInsight and all others. Nothing is known of them beyond what holds for every automatic way.
   */
  OTHER_AUTO_SYNC: { sisTypes: ['aeries', 'schoolinsight'], notes: [...AUTO_SYNC, NO_SIS_ID] },
} as const satisfies Readonly<Record<string, WayOfSyncing>>

/**
 * The limitations of a district's data, by its `sis_type`. An unknown word counts as an automatic way, and
 * the resulting notes are assumed. Empty for no word. Never throws.
 */
export function sisNotesFor(sisType: string | undefined): readonly SisNote[] {
  const word = foldForSearch(sisType).replaceAll(' ', '')
  if (word === '') return []
  const known = WAYS.find(({ sisTypes }) => sisTypes.includes(word))
  const notes = known?.notes ?? SIS_NOTES.OTHER_AUTO_SYNC.notes.map(assume)
  return [...notes, ...ANY]
}

const WAYS: readonly WayOfSyncing[] = Object.values(SIS_NOTES)

function assume(note: SisNote): SisNote {
  return { ...note, grade: 'ASSUMED' }
}
