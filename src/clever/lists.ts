import { CleverAnswerInvalid } from '../model/clever-errors.ts'
import { idOf } from '../model/ranges.ts'
import { type Direction, followLink, isLastPage, linkOnwards, type PageLinks, type RawPage } from './pages.ts'

/** Reads one page; undefined for 404. Throws the CleverErrors. */
type GetPage<Page> = (path: string) => Promise<Page | undefined>

/** The maximum number of pages of a list. More mean that the links form a loop. */
const MAX_PAGES = 1_000
/** So does a list with this many empty pages in a row. */
const MAX_EMPTY_PAGES = 50

/**
 * One page of a list; undefined for a list that does not exist. One call, and one more for each empty page
 * that has a link to a further one. Throws CleverAnswerInvalid for links that form a loop or lead to another
 * host.
 */
export async function readListPage<Page extends PageLinks>(
  get: GetPage<Page>,
  firstPath: string,
  origin: string,
  { direction, limit }: { readonly direction: Direction; readonly limit: number },
): Promise<(Page & { readonly isLast: boolean }) | undefined> {
  const followed = new Set<string>()
  for (let path = firstPath; followed.size <= MAX_EMPTY_PAGES; followed.add(path)) {
    const page = await get(path)
    if (page === undefined) return undefined
    const isLast = isLastPage(page, direction, limit)
    if (isLast || page.rowCount > 0) return { ...page, isLast }
    path = followLink(linkOnwards(page, direction) ?? '', path, origin)
    if (followed.has(path)) break
  }
  throw new CleverAnswerInvalid('links from empty pages that lead nowhere')
}

/**
 * All items of a list, by its links; none for a list that does not exist. One call a page. Throws
 * CleverAnswerInvalid for links that form a loop or lead to another host.
 */
export async function readWholeList(
  get: GetPage<RawPage>,
  firstPath: string,
  origin: string,
): Promise<readonly unknown[]> {
  const items: unknown[] = []
  const ids = new Set<string>()
  // Clever chooses the page size of these lists, so a page without a link to another is the last.
  const pages = { direction: 'forwards', limit: Number.POSITIVE_INFINITY } as const
  let path = firstPath
  for (let count = 1; count <= MAX_PAGES; count += 1) {
    const page = await readListPage(get, path, origin, pages)
    if (page === undefined) return items
    items.push(...page.items)
    if (page.isLast) return items
    const before = ids.size
    for (const item of page.items) ids.add(idOf(item) ?? '')
    if (ids.size === before) throw new CleverAnswerInvalid('links that lead in circles')
    path = followLink(linkOnwards(page, 'forwards') ?? '', path, origin)
  }
  throw new CleverAnswerInvalid('more pages than a list can have')
}
