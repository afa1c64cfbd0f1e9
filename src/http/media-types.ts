/** The media type that a router signs, and that nearly every client sends. */
export const JSON_TYPE = 'application/json'
/** The media types of a query. Sources: the GraphQL over HTTP draft; Yoga reads the other three, too. */
export const REQUEST_TYPES = [
  JSON_TYPE,
  'application/graphql+json',
  'application/graphql',
  'application/x-www-form-urlencoded',
]
const EVENT_STREAM = 'text/event-stream'
/** The media types of an answer. */
export const ANSWER_TYPES = [
  'application/graphql-response+json',
  'application/json',
  EVENT_STREAM,
  'multipart/mixed',
]

/**
 * The media type of a body, without parameters; undefined for an unsupported type, or one that is not in
 * UTF-8.
 */
export function requestType(contentType: string | undefined): string | undefined {
  if (contentType === 'application/json') return contentType
  const [type = '', ...parameters] = partsOf(contentType ?? '')
  return REQUEST_TYPES.includes(type) && isUtf8(parameters) ? type : undefined
}

/**
 * The ranges of an Accept header that match a type of answer, without parameters, the most wanted first;
 * undefined where none does. A missing header accepts everything.
 */
export function acceptedTypes(accept: string | undefined): string | undefined {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return accept ?? '*/*'
  if (accept.trim() === '') return '*/*'
  const ranges = accept.split(',').flatMap((text) => {
    const [range = '', ...parameters] = partsOf(text)
    const weight = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1)
    const isWanted = weight > 0 && isUtf8(parameters) && ANSWER_TYPES.some((type) => matches(range, type))
    return isWanted ? [{ range, weight }] : []
  })
  if (ranges.length === 0) return undefined
  const names = ranges.sort((one, other) => other.weight - one.weight).map(({ range }) => range)
  // A stream of events has ids, and comments that keep proxies from closing it. The other kind has neither.
  return names.filter((name) => name !== 'multipart/mixed' || !names.includes(EVENT_STREAM)).join(',')
}

/** Whether a client accepts a stream of events by name, as clients of subscriptions do. */
export function wantsStream(accept: string | undefined): boolean {
  return accept?.includes(EVENT_STREAM) === true
}

function partsOf(text: string): string[] {
  return text.split(';').map((part) => part.replace(/[\s"]/g, '').toLowerCase())
}

function isUtf8(parameters: readonly string[]): boolean {
  const charset = parameters.find((each) => each.startsWith('charset='))
  return charset === undefined || ['charset=utf-8', 'charset=utf8', 'charset=us-ascii'].includes(charset)
}

function matches(range: string, type: string): boolean {
  return range === '*/*' || range === type || range === `${type.split('/')[0]}/*`
}
