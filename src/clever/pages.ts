import { CleverAnswerInvalid } from '../model/clever-errors.ts'

/** What one page of a list says about its neighbors. */
export interface PageLinks {
  /** The number of elements, including those that cannot be read. */
  readonly rowCount: number
  /** Links to the page after this one, and to the one before, as Clever wrote them. */
  readonly next: string | undefined
  readonly prev: string | undefined
  /** Whether Clever gave any link, if only to the page itself. */
  readonly hasLinks: boolean
}

/** One page of one of Clever's lists, before its records are read. */
export interface RawPage extends PageLinks {
  readonly items: readonly unknown[]
}

export type Direction = 'forwards' | 'backwards'

/** Each element of a list is wrapped in `data` once more. Throws CleverAnswerInvalid. */
export function parsePage(json: unknown): RawPage {
  const { data, links } = fieldsOf(json)
  if (!Array.isArray(data)) throw new CleverAnswerInvalid('not a list')
  const known = (Array.isArray(links) ? links : []).map(fieldsOf).filter(isLink)
  const linkTo = (wanted: string) => known.find(({ rel }) => rel.toLowerCase() === wanted)?.uri
  return {
    items: data.map((item) => fieldsOf(item).data),
    rowCount: data.length,
    next: linkTo('next'),
    prev: linkTo('prev'),
    hasLinks: known.length > 0,
  }
}

interface JsonFields {
  readonly data?: unknown
  readonly links?: unknown
  readonly rel?: unknown
  readonly uri?: unknown
  readonly count?: unknown
}
const NO_FIELDS: JsonFields = {}

/** The fields of a JSON object; none for any other value. */
function fieldsOf(json: unknown): JsonFields {
  return typeof json === 'object' && json !== null ? (json as JsonFields) : NO_FIELDS
}

function isLink(link: JsonFields): link is JsonFields & { readonly rel: string; readonly uri: string } {
  return typeof link.rel === 'string' && typeof link.uri === 'string'
}

/**
 * Whether a list ends with this page: the one place that answers it. The links decide, and not the number of
 * rows, because Clever may return fewer rows than `limit`. In two cases the links cannot tell, and a full
 * page counts as not the last: Clever gave no links, or the page was read backwards, for which no `prev` link
 * has been recorded.
 */
export function isLastPage(page: PageLinks, direction: Direction, limit: number): boolean {
  if (linkOnwards(page, direction) !== undefined) return false
  return (direction === 'forwards' && page.hasLinks) || page.rowCount < limit
}

export function linkOnwards({ next, prev }: PageLinks, direction: Direction): string | undefined {
  return direction === 'forwards' ? next : prev
}

/**
 * The path and query that a link leads to. `path` is the page that has the link. Only the query is taken from the link, so
 * the token never goes elsewhere. Throws CleverAnswerInvalid for a link to another host or another list.
 */
export function followLink(link: string, path: string, origin: string): string {
  const from = new URL(path, origin)
  const to = URL.parse(link, from)
  const isSameList = to !== null && to.host === from.host && listOf(to) === listOf(from)
  if (!isSameList) throw new CleverAnswerInvalid('a link to elsewhere')
  return from.pathname + to.search
}

/** Clever's links may write the path in another case. */
function listOf({ pathname }: URL): string {
  return pathname.toLowerCase().replace(/\/$/, '')
}

/** Throws CleverAnswerInvalid. */
export function parseSingle(json: unknown): unknown {
  const fields = fieldsOf(json)
  if (!('data' in fields)) throw new CleverAnswerInvalid('not a record')
  return fields.data
}

const MAX_COUNT = 2 ** 31 - 1

/** In v1 `count=true` returned a number. v3 declares the parameter without describing the result. */
export function parseCount(json: unknown): number | undefined {
  const { count } = fieldsOf(json)
  const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MAX_COUNT
  return isCount ? count : undefined
}
