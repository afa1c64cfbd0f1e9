import type { Period, Truth } from './truth.ts'

/** For whom an answer is. */
export type Viewer =
  | { readonly kind: 'guardian'; readonly contactIds: readonly string[] }
  | { readonly kind: 'district'; readonly districtIds: readonly string[] }

/** How long something may be shown after it has ended. ms */
export interface MaxAges {
  readonly decision: number
  readonly display: number
}

export interface Checked {
  /** What the answer shows and must not show. */
  readonly wrong: readonly string[]
  /** The relationship entries that the answer shows. */
  readonly entries: number
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Compares all that an answer shows with the truth. Selections of students and contacts have `__typename` and `id`;
 * those of relationships have `contactId`, `studentId`, `relationshipRaw` and `typeRaw`, all without an alias.
 */
export function checkAnswer(
  data: unknown,
  viewer: Viewer,
  truth: Truth,
  asked: Period,
  ages: MaxAges,
): Checked {
  const wrong: string[] = []
  let entries = 0
  const decided = { from: asked.from - ages.decision, until: asked.until }
  const shown = { from: asked.from - ages.display, until: asked.until }
  const sight = { viewer, truth, decided, shown }
  walk(data, (fields) => {
    if (typeof fields.contactId === 'string' && typeof fields.studentId === 'string') {
      entries += 1
      wrong.push(...checkEntry(fields, sight))
    }
    if (typeof fields.id !== 'string') return
    if (fields.__typename === 'Student' && !maySeeStudent(fields.id, sight))
      wrong.push(`student ${fields.id}`)
    if (fields.__typename === 'Contact' && !maySeeContact(fields.id, sight))
      wrong.push(`contact ${fields.id}`)
  })
  return { wrong, entries }
}

interface Sight {
  readonly viewer: Viewer
  readonly truth: Truth
  readonly decided: Period
  readonly shown: Period
}

function walk(value: unknown, visit: (fields: Fields) => void) {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) visit(value as Fields)
  for (const each of Object.values(value)) walk(each, visit)
}

function checkEntry(fields: Fields, sight: Sight): readonly string[] {
  const [contactId, studentId] = [String(fields.contactId), String(fields.studentId)]
  const words = { relationship: textOf(fields.relationshipRaw), type: textOf(fields.typeRaw) }
  const name = `${contactId} is ${words.relationship} (${words.type}) of ${studentId}`
  const wrong: string[] = []
  if (!sight.truth.had(contactId, studentId, words, sight.shown)) wrong.push(`${name}, which is not so`)
  if (!maySeeStudent(studentId, sight)) wrong.push(`${name}, to a viewer without this student`)
  for (const [field, id] of [
    ['contact', contactId],
    ['student', studentId],
  ] as const) {
    const node = fields[field] as Fields | null | undefined
    if (node && node.id !== id) wrong.push(`${name}, with another ${field}`)
  }
  return wrong
}

function maySeeStudent(studentId: string, { viewer, truth, decided }: Sight): boolean {
  if (viewer.kind === 'district') return truth.isIn(studentId, viewer.districtIds, decided)
  return viewer.contactIds.some((own) => truth.maySeeStudent(own, studentId, decided))
}

function maySeeContact(contactId: string, { viewer, truth, decided, shown }: Sight): boolean {
  if (viewer.kind === 'district') return truth.isIn(contactId, viewer.districtIds, decided)
  if (viewer.contactIds.includes(contactId)) return true
  const students = truth.studentsOf(contactId, shown)
  return viewer.contactIds.some((own) =>
    students.some((studentId) => truth.maySeeContacts(own, studentId, decided)),
  )
}

function textOf(raw: unknown): string {
  return typeof raw === 'string' ? raw : ''
}
