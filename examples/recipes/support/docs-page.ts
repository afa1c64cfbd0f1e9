import { readFileSync, writeFileSync } from 'node:fs'

const ROOT = new URL('../../../', import.meta.url)
export const PAGE = new URL('docs/recipes.md', ROOT)

/** Each block of code on the page, with the file that it is. */
const BLOCK = /^```(\w+) from=(examples\/recipes\/\S+)\n[\s\S]*?^```$/gm

/** The page with the files as they are now. */
export function withFiles(page: string): string {
  return page.replaceAll(BLOCK, (_block, language: string, path: string) => {
    const text = readFileSync(new URL(path, ROOT), 'utf8')
    return `\`\`\`${language} from=${path}\n${text}\`\`\``
  })
}

if (import.meta.main) writeFileSync(PAGE, withFiles(readFileSync(PAGE, 'utf8')))
