import { type RoleName, roleOf, type School, schoolsOf } from '../roster/records.ts'
import { type Answer, failure, json, notFound } from './answer.ts'
import type { Ask } from './ask.ts'
import { districtAnswer } from './districts.ts'
import { countAnswer, listAnswer, rowOf } from './page.ts'
import { userRow } from './render-user.ts'

const schoolUri = ({ id }: School, version: string) => `${version}/schools/${id}`

export function schoolRow(school: School, version: string): Buffer {
  return rowOf(school, schoolUri(school, version))
}

export function listSchools(ask: Ask): Answer {
  const { schools } = ask.district.roster
  return (
    countAnswer(ask, schools.length) ??
    listAnswer(ask, schools, { kind: 'list', row: (school) => schoolRow(school, ask.version) })
  )
}

const relatedLinks = ['district', 'sections', 'users', 'terms', 'courses']

export function getSchool(ask: Ask): Answer {
  const school = findSchool(ask)
  if (!school) return notFound
  const self = schoolUri(school, ask.version)
  const links = relatedLinks.map((rel) => ({ rel, uri: `${self}/${rel}` }))
  return json({ data: school, links: [{ rel: 'self', uri: self }, ...links] }, { kind: 'single' })
}

export function getSchoolDistrict(ask: Ask): Answer {
  return findSchool(ask) ? districtAnswer(ask) : notFound
}

/** Contacts belong to no school, so these routes neither list nor return them. */
const rolesOfSchool: readonly RoleName[] = ['student', 'teacher', 'staff']

export function listSchoolUsers(ask: Ask): Answer {
  const school = findSchool(ask)
  if (!school) return notFound
  const role = rolesOfSchool.find((name) => name === ask.query.get('role'))
  if (ask.query.get('role') && !role) return failure(400, `Invalid role: ${ask.query.get('role')}`)
  const users = ask.district.roster
    .users(role)
    .filter((user) => rolesOfSchool.includes(roleOf(user)) && schoolsOf(user).includes(school.id))
  return listAnswer(ask, users, {
    kind: 'list',
    row: (user) => userRow(user, ask.version),
    cursors: ask.cursors,
  })
}

function findSchool({ district, id }: Ask) {
  return district.roster.schools.find((school) => school.id === id)
}
