import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const source = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** What is wrong with the page, as it is now: the rule of axe and the element, or the width that does not fit. */
export async function problemsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(source)
  return page.evaluate(async () => {
    // @ts-expect-error: the script above defines it.
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    const { scrollWidth } = document.documentElement
    return [
      ...violations.flatMap(({ id, nodes }: { id: string; nodes: { html: string }[] }) =>
        nodes.map(({ html }) => `${id}: ${html}`),
      ),
      ...(scrollWidth > innerWidth ? [`${scrollWidth} pixels wide`] : []),
    ]
  })
}
