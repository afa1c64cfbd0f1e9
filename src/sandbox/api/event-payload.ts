import type { FeedEvent } from '../roster/event-feed.ts'
import { isUser, type User } from '../roster/records.ts'
import { isoTime } from '../roster/sync-times.ts'
import { renderUser } from './render-user.ts'

type Fields = Record<string, unknown>

/** An event as Clever reports it: `previous_attributes` stands inside `data`, beside `object`. */
export function eventPayload({ id, type, object, previous, createdMs }: FeedEvent, version: string): Fields {
  const told = isUser(object) ? eventUser(renderUser(object, version)) : object
  const data = previous ? { object: told, previous_attributes: previous } : { object: told }
  // The feed writes the keys of every object in alphabetical order. The REST API does not.
  return sorted({ created: isoTime(createdMs), data, id, type })
}

/** Seen on the wire: contacts keep their fields from v2, and students lack the e-mail of their role. */
function eventUser(user: User): Fields {
  const { contact, student } = user.roles
  if (student) {
    const { email: _email, ...role } = student
    return { ...user, roles: { student: role } }
  }
  if (!contact) return { ...user }
  const entries = contact.student_relationships
  const [first] = entries
  const leftovers = {
    ...(first?.relationship === undefined ? {} : { relationship: first.relationship }),
    ...(first?.type === undefined ? {} : { type: first.type }),
    students: [...new Set(entries.map(({ student: id }) => id))],
  }
  return { ...user, roles: { contact: { ...contact, ...leftovers } } }
}

function sorted(fields: object): Fields {
  const entries = Object.entries(fields).map(([key, value]) => [key, sortedValue(value)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function sortedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedValue)
  return typeof value === 'object' && value !== null ? sorted(value) : value
}
