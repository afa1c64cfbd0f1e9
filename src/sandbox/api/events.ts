import type { FeedEvent } from '../roster/event-feed.ts'
import { isUser, schoolsOf } from '../roster/records.ts'
import { type Answer, json, notFound } from './answer.ts'
import type { Ask } from './ask.ts'
import { eventPayload } from './event-payload.ts'
import { listAnswer, rowOf } from './page.ts'

const eventUri = ({ id }: FeedEvent, version: string) => `${version}/events/${id}`

export const listEvents = ifSwitchedOn((ask) =>
  listAnswer(ask, wantedEvents(ask), {
    kind: 'events',
    row: (event) => rowOf(eventPayload(event, ask.version), eventUri(event, ask.version)),
    hasStrayMark: true,
  }),
)

export const getEvent = ifSwitchedOn((ask) => {
  const event = ask.district.events.retained().find(({ id }) => id === ask.id)
  if (!event) return notFound
  const links = [{ rel: 'self', uri: eventUri(event, ask.version) }]
  return json({ data: eventPayload(event, ask.version), links }, { kind: 'event' })
})

/**
 * A district that has not switched its events on. Clever documents no 403, and answers 404 for anything that
 * is not shared.
 */
function ifSwitchedOn(answer: (ask: Ask) => Answer) {
  return (ask: Ask): Answer => (ask.district.eventsState === 'on' ? answer(ask) : notFound)
}

function wantedEvents({ district, query }: Ask): readonly FeedEvent[] {
  const recordTypes = query.getAll('record_type')
  const school = query.get('school')
  const events = district.events.retained()
  if (recordTypes.length === 0 && !school) return events
  return events.filter(
    (event) =>
      (recordTypes.length === 0 || recordTypes.some((type) => event.type.startsWith(`${type}.`))) &&
      (!school || isOfSchool(event, school)),
  )
}

/** Neither districts nor contacts belong to a school. */
function isOfSchool({ type, object }: FeedEvent, school: string): boolean {
  if (type.startsWith('schools.')) return object.id === school
  return isUser(object) && schoolsOf(object).includes(school)
}
