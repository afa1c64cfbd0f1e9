/** The words for a relationship. Enums are open: a value that is not here is shown as the district wrote it. */
const RELATIONSHIPS: Readonly<Record<string, string>> = {
  PARENT: 'Parent',
  GRANDPARENT: 'Grandparent',
  SELF: 'Own contact',
  AUNT_UNCLE: 'Aunt or uncle',
  SIBLING: 'Sister or brother',
  UNSPECIFIED: 'Contact',
}

const TYPES: Readonly<Record<string, string>> = {
  PARENT_GUARDIAN: 'Parent or guardian',
  EMERGENCY: 'Emergency contact',
  PRIMARY: 'First to call',
  SECONDARY: 'Second to call',
  FAMILY: 'Family',
}

const PRIVILEGES: Readonly<Record<string, string>> = {
  VIEW_STUDENT: 'See the student',
  VIEW_CONTACTS: 'See other contacts',
  VIEW_RECORDS: 'See grades and attendance',
  RECEIVE_MESSAGES: 'Receive messages',
  PICK_UP: 'Pick up from school',
  GIVE_CONSENT: 'Give consent',
  EMERGENCY_CALL: 'Be called in an emergency',
}

interface Relationship {
  readonly relationship: string | null
  readonly relationshipRaw: string | null
  readonly student: { readonly displayName: string | null } | null
}

/** Never the word alone: it is true for this student only. */
export function relationshipText({ relationship, relationshipRaw, student }: Relationship): string {
  const word = RELATIONSHIPS[relationship ?? 'UNSPECIFIED'] ?? rawWord(relationshipRaw)
  return `${word} of ${student === null ? 'a student who is not shown' : (student.displayName ?? 'a student')}`
}

function rawWord(raw: string | null): string {
  return raw === null || raw === 'Other' ? 'Other contact' : raw
}

export function typeText(type: string | null, raw: string | null): string | undefined {
  return TYPES[type ?? ''] ?? raw ?? undefined
}

export function privilegeText(privilege: string): string {
  return PRIVILEGES[privilege] ?? privilege.toLowerCase().replaceAll('_', ' ')
}
