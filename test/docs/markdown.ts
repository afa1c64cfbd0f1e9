import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a page. */
export interface Block {
  readonly language: string
  /** The words after the language, such as `run`, or `as=guardian`. */
  readonly words: readonly string[]
  readonly text: string
  /** The line of its first fence. */
  readonly line: number
}

export interface Page {
  /** From the root of the project. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** The text without blocks. */
  readonly prose: string
}

/** Every Markdown file of the root and of docs/. */
export function readPages(): readonly Page[] {
  const names = (folder: string) =>
    readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : []))
  return [...names('.'), ...names('docs')].toSorted().map(readPage)
}

function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const blocks: Block[] = []
  const prose: string[] = []
  let open: { readonly info: string; readonly line: number; readonly lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const [, info] = /^```(.*)$/.exec(line) ?? []
    if (info === undefined) (open?.lines ?? prose).push(line)
    else if (open === undefined) open = { info, line: index + 1, lines: [] }
    else {
      const [language = '', ...words] = open.info.split(' ')
      blocks.push({ language, words, text: open.lines.join('\n'), line: open.line })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line} has a block without an end`)
  return { path, text, blocks, prose: prose.join('\n') }
}

/** The value of a word such as `as=guardian`. */
export function wordValue({ words }: Block, name: string): string | undefined {
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Anchors of the headings, as GitHub makes them. */
export function anchorsOf({ prose }: Page): ReadonlySet<string> {
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** What stands between backticks, once each. */
export function codeOf({ prose }: Pick<Page, 'prose'>): readonly string[] {
  return [...new Set([...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code))]
}
