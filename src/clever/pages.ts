import { z } from 'zod'
import { CleverAnswerInvalid } from '../model/clever-errors.ts'

/** One page of one of Clever's lists, before its records are read. */
export interface RawPage {
  readonly items: readonly unknown[]
  /** Links to the page after this one, and to the one before, as Clever wrote them. */
  readonly next: string | undefined
  readonly prev: string | undefined
  /** Whether Clever gave any link, if only to the page itself. */
  readonly hasLinks: boolean
}

export type Direction = 'forwards' | 'backwards'

const list = z.object({
  data: z.array(z.object({ data: z.unknown() }).catch({ data: undefined })),
  links: z.array(z.object({ rel: z.string(), uri: z.string() }).optional().catch(undefined)).catch([]),
})
const single = z.object({ data: z.unknown() })
const count = z.object({ count: z.int32().nonnegative() })

/** Each element of a list is wrapped in `data` once more. Throws CleverAnswerInvalid. */
export function parsePage(json: unknown): RawPage {
  const parsed = list.safeParse(json)
  if (!parsed.success) throw new CleverAnswerInvalid('not a list')
  const { data, links } = parsed.data
  const linkTo = (wanted: string) => links.find((link) => link?.rel.toLowerCase() === wanted)?.uri
  return {
    items: data.map((item) => item.data),
    next: linkTo('next'),
    prev: linkTo('prev'),
    hasLinks: links.some((link) => link !== undefined),
  }
}

/**
 * Whether a list ends with this page: the one place that answers it. The links decide, and not the number of
 * rows, because Clever may return fewer rows than `limit`. In two cases the links cannot tell, and a full
 * page counts as not the last: Clever gave no links, or the page was read backwards, for which no `prev` link
 * has been recorded.
 */
export function isLastPage(page: RawPage, direction: Direction, limit: number): boolean {
  if (linkOnwards(page, direction) !== undefined) return false
  return (direction === 'forwards' && page.hasLinks) || page.items.length < limit
}

export function linkOnwards({ next, prev }: RawPage, direction: Direction): string | undefined {
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
  const parsed = single.safeParse(json)
  if (!parsed.success) throw new CleverAnswerInvalid('not a record')
  return parsed.data.data
}

/** In v1 `count=true` returned a number. v3 declares the parameter without describing the result. */
export function parseCount(json: unknown): number | undefined {
  return count.safeParse(json).data?.count
}
