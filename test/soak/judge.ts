import { readFileSync } from 'node:fs'
import { checkAnswer } from './check-answer.ts'
import type { Excuses } from './excuses.ts'
import type { Kind, Shot } from './kinds.ts'
import type { SoakRecord } from './record.ts'
import type { Truth } from './truth.ts'
import { MAX_AGES } from './world.ts'

export interface JudgeOptions {
  readonly truth: Truth
  readonly record: SoakRecord
  readonly excuses: Excuses
}

export interface Reply {
  readonly status: number
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[]
}

/** Decides whether a reply may be as it is. `from`: when the request was sent, in ms since 1970. */
export class Judge {
  readonly #options: JudgeOptions
  readonly #documented = documentedCodes()

  constructor(options: JudgeOptions) {
    this.#options = options
  }

  reply(kind: Kind, shot: Shot, reply: Reply, from: number) {
    const { record, excuses } = this.#options
    const codes = new Set((reply.errors ?? []).map(({ extensions }) => extensions?.code ?? 'NO_CODE'))
    this.#checkCodes(kind, shot, reply.status, codes, from)
    if (shot.outcome.must !== 'survive') this.#checkData(kind, shot, reply, from)
    if (shot.outcome.must === 'refuse') this.#checkRefusal(kind, shot.outcome.codes, reply, codes)
    if (shot.outcome.must !== 'answer') return
    for (const code of codes) {
      record.fail(code)
      if (!excuses.isExpected(code, shot.districtId, from))
        record.broke('a request failed without a cause', `${kind.name}: ${code}`)
    }
    if (reply.data) shot.onData?.(reply.data)
  }

  /** There was no whole reply. */
  lost(kind: Kind, shot: Shot, code: string, from: number) {
    const { record, excuses } = this.#options
    record.fail(code)
    if (!excuses.isExpected('CONNECTION', shot.districtId, from))
      record.broke('a request failed on its connection', `${kind.name}: ${code}`)
  }

  #checkCodes(kind: Kind, shot: Shot, status: number, codes: ReadonlySet<string>, from: number) {
    const { record, excuses } = this.#options
    for (const code of codes) {
      if (!this.#documented.has(code))
        record.broke('an error has no documented code', `${kind.name}: ${code}`)
      if (code === 'INTERNAL_SERVER_ERROR') record.broke('a bug was answered', kind.name)
    }
    const isExcused = [...codes].some((code) => excuses.isExpected(code, shot.districtId, from))
    if (status >= 500 && !isExcused) record.broke('a reply was an unexpected 5xx', `${kind.name}: ${status}`)
  }

  #checkRefusal(kind: Kind, wanted: readonly string[], { status, data }: Reply, codes: ReadonlySet<string>) {
    const { record } = this.#options
    const hasData = Object.values(data ?? {}).some((value) => value !== null)
    if (!hasData && wanted.some((code) => codes.has(code))) record.minute.refused += 1
    else record.broke('what must be refused was not', `${kind.name}: ${status} ${[...codes]}`)
  }

  #checkData({ name }: Kind, { viewer }: Shot, { data }: Reply, from: number) {
    const { record, truth } = this.#options
    const { wrong, entries } = checkAnswer(data, viewer, truth, { from, until: Date.now() }, MAX_AGES)
    record.checked(entries)
    for (const each of wrong) record.broke('an answer showed what it must not', `${name}: ${each}`)
  }
}

/** All codes that docs/errors.md lists. */
function documentedCodes(): ReadonlySet<string> {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  return new Set(rows.flatMap((row) => row.split('|')[1]?.match(/[A-Z_]{5,}/g) ?? []))
}
