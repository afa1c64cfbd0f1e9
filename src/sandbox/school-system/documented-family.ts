import type { User } from '../roster/records.ts'
import type { Guardian, Household } from './household.ts'
import { inventStudent } from './students.ts'
import type { Workshop } from './workshop.ts'

/**
 * The example of dev.clever.com/docs/contacts-guardians: one contact who is the uncle of two siblings and the
 * father of a third student. The page shows his id. It is not the id that the sandbox would derive from his
 * name and e-mail.
 */
export const documentedDistrictId = '6385008f69df036e83e984a3'
const niece = '63850203bfb8460546071e62'
const nephew = '672936fc65fc4500ced13260'
const son = '63850203bfb8460546071e6e'

export interface DocumentedFamily extends Household {
  readonly contact: User
}

export function createDocumentedFamily(workshop: Workshop): DocumentedFamily {
  const parents = (name: string, email: string, phone: string, students: readonly string[]): Guardian => ({
    name,
    email,
    phone,
    phoneType: 'Cell',
    sisId: '',
    entries: students.map((student) => ({ relationship: 'Parent', student, type: 'Parent/Guardian' })),
  })
  return {
    students: [
      inventStudent(workshop, { id: niece, given: 'Naomi', family: 'Whitfield', gender: 'F' }),
      inventStudent(workshop, { id: nephew, given: 'Theo', family: 'Whitfield', gender: 'M' }),
      inventStudent(workshop, { id: son, given: 'Jonah', family: 'Collins', gender: 'M' }),
    ],
    guardians: [
      parents('Ruth Whitfield', 'ruth.whitfield@example.org', '(330) 555-0142', [niece, nephew]),
      parents('Paul Whitfield', 'paul.whitfield@example.net', '330.555.0187', [niece, nephew]),
      parents('Simone Collins', 'simone.collins@example.org', '330-555-0119', [son]),
    ],
    contact: aaronCollins,
  }
}

const aaronCollins: User = {
  created: '2022-11-28T18:46:36.819Z',
  district: documentedDistrictId,
  email: 'aaron.collins@example.org',
  last_modified: '2024-11-04T21:05:06.631Z',
  name: { last: 'Aaron Collins' },
  id: '63850203bfb8460546071ef6',
  roles: {
    contact: {
      phone: '1-(330) 280-1898',
      phone_type: 'Other',
      sis_id: '',
      student_relationships: [
        { relationship: 'Aunt/Uncle', student: niece, type: 'Family' },
        { relationship: 'Aunt/Uncle', student: nephew, type: 'Family' },
        { relationship: 'Parent', student: son, type: 'Parent/Guardian' },
      ],
      legacy_id: '63850203bfb8460546071e7e',
    },
  },
}
