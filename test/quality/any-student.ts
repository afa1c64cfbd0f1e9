import { parseUser } from '../../src/clever/records.ts'
import type { StudentRecord } from '../../src/model/records.ts'
import { DISTRICT_ID } from '../access/people.ts'
import { STUDENT } from './people.ts'

interface Student {
  readonly first?: string | undefined
  readonly middle?: string | undefined
  readonly last?: string | undefined
  readonly email?: string | undefined
  readonly grade?: string | undefined
  readonly school?: string | undefined
  readonly schools?: readonly string[] | undefined
}

/** Read as the gateway reads it. */
export function student({ first, middle, last, email, grade, school, schools = [] }: Student): StudentRecord {
  const json = {
    id: STUDENT,
    name: { first, middle, last },
    email,
    roles: { student: { grade, school, schools } },
  }
  const record = parseUser(json, DISTRICT_ID)?.student
  if (record === undefined) throw new Error('no student')
  return record
}
