import axe from 'axe-core'
import type { Page } from 'playwright-core'

/**
 * The findings of GraphiQL itself. Its tabs are `role="tab"` elements with two buttons in them, which an option or a style
 * cannot change.
 */
const OF_GRAPHIQL = ['nested-interactive: .graphiql-tab']

/** The findings of axe-core on a page, each as rule and element. Without those of GraphiQL itself. */
export async function findingsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const findings = (await page.evaluate(`(async () => {
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target }) => {
        const [element] = target
        const isTab = document.querySelector(element)?.matches('.graphiql-tab')
        return id + ': ' + (isTab ? '.graphiql-tab' : element)
      }),
    )
  })()`)) as string[]
  return findings.filter((finding) => !OF_GRAPHIQL.includes(finding))
}
