/** The people of the sandbox, by the name of their token. */
export const PEOPLE = {
  'district admin': 'Sees all contacts of the district.',
  'school staff': 'Sees the contacts of the students of one school.',
  teacher: 'Sees the contacts of the students in the teacher’s own classes.',
  guardian: 'Aaron Collins. He is the father of Jonah and the uncle of two others.',
  student: 'Jonah Collins. He sees the names of his contacts, but no phones.',
  service: 'A program with access to the whole district.',
} as const

export type Person = keyof typeof PEOPLE

export const ALL_PEOPLE = Object.keys(PEOPLE) as readonly Person[]

export function titleOf(person: Person): string {
  return person.charAt(0).toUpperCase() + person.slice(1)
}
