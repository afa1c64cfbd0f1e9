import { z } from 'zod'
import { CleverAnswerInvalid } from './errors.ts'

/** One page of one of Clever's lists, before its records are read. */
export interface RawPage {
  readonly items: readonly unknown[]
  /** Path and query of the page after this one, and of the one before. */
  readonly next: string | undefined
  readonly prev: string | undefined
}

const list = z.object({
  data: z.array(z.object({ data: z.unknown() }).catch({ data: undefined })),
  links: z.array(z.object({ rel: z.string(), uri: z.string() })).catch([]),
})
const single = z.object({ data: z.unknown() })
const count = z.object({ count: z.int32().nonnegative() })

/** Each element of a list is wrapped in `data` once more. Throws CleverAnswerInvalid. */
export function parsePage(json: unknown): RawPage {
  const parsed = list.safeParse(json)
  if (!parsed.success) throw new CleverAnswerInvalid('not a list')
  const { data, links } = parsed.data
  const linkTo = (wanted: string) => links.find(({ rel }) => rel === wanted)?.uri
  return { items: data.map((item) => item.data), next: linkTo('next'), prev: linkTo('prev') }
}

/** Throws CleverAnswerInvalid. */
export function parseSingle(json: unknown): unknown {
  const parsed = single.safeParse(json)
  if (!parsed.success) throw new CleverAnswerInvalid('not a record')
  return parsed.data.data
}

/** `count=true` answered with a number in v1; v3 declares the parameter without saying what it answers. */
export function parseCount(json: unknown): number | undefined {
  return count.safeParse(json).data?.count
}
