/** Why a subscription to the changes of a district cannot begin, or cannot go on. No message holds personal data. */
export abstract class ChangesError extends Error {}

/** The district has not switched Clever's Events API on, or has switched it off. */
export class EventsOff extends ChangesError {
  override readonly name = 'EventsOff'
}

/** Changes may have been missed, and it is unknown which. */
export class EventsLost extends ChangesError {
  override readonly name = 'EventsLost'
}

/** Clever no longer keeps the changes after that one. */
export class EventsExpired extends ChangesError {
  override readonly name = 'EventsExpired'
}

/** The given id is not the id of a change. */
export class UnknownChange extends ChangesError {
  override readonly name = 'UnknownChange'
}

/** More changes came than are remembered for a subscriber that does not read. */
export class SlowReader extends ChangesError {
  override readonly name = 'SlowReader'
}

/** The process ends, and another one answers. */
export class ShuttingDown extends ChangesError {
  override readonly name = 'ShuttingDown'
}
