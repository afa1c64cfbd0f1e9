import type { Answer } from './answer.ts'
import type { Ask } from './ask.ts'
import { getDistrict, getMe, listDistricts } from './districts.ts'
import { getEvent, listEvents } from './events.ts'
import { getSchool, getSchoolDistrict, listSchools, listSchoolUsers } from './schools.ts'
import {
  getUser,
  getUserDistrict,
  listMyContacts,
  listMyStudents,
  listMyTeachers,
  listUserSchools,
  listUsers,
} from './users.ts'

type Handler = (ask: Ask) => Answer

export interface Match {
  readonly handler: Handler
  readonly version: string
  readonly id: string
}

/** Below `/v3.0` and `/v3.1` alike. */
const handlers: Readonly<Record<string, Handler>> = {
  '/users': listUsers,
  '/users/:id': getUser,
  '/users/:id/district': getUserDistrict,
  '/users/:id/myContacts': listMyContacts,
  '/users/:id/myStudents': listMyStudents,
  '/users/:id/myTeachers': listMyTeachers,
  '/users/:id/schools': listUserSchools,
  '/districts': listDistricts,
  '/districts/:id': getDistrict,
  '/schools': listSchools,
  '/schools/:id': getSchool,
  '/schools/:id/district': getSchoolDistrict,
  '/schools/:id/users': listSchoolUsers,
  '/me': getMe,
  '/events': listEvents,
  '/events/:id': getEvent,
}
const routes = Object.entries(handlers).map(([pattern, handler]) => ({
  expression: compile(pattern),
  handler,
}))

export function matchRoute(path: string): Match | undefined {
  for (const { expression, handler } of routes) {
    const [, version, id = ''] = expression.exec(path) ?? []
    if (version) return { handler, version: version.toLowerCase(), id }
  }
  return undefined
}

/** Case-insensitive and tolerant of a final slash, as Express routes by default. */
function compile(pattern: string): RegExp {
  return new RegExp(`^(/v3\\.[01])${pattern.replace(':id', '([^/]+)')}/?$`, 'i')
}
