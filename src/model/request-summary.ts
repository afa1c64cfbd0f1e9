import type { DistrictId } from './ids.ts'

/** An operation as the log, the metrics and the traces name it. It has no text that could be the data of a person. */
export interface OperationSummary {
  /** The name of the operation, with its unknown words masked; undefined without a name. */
  readonly name: string | undefined
  readonly type: 'query' | 'mutation' | 'subscription'
  /** SHA-256 of the document, in hexadecimal, without its long literals. */
  readonly documentHash: string
}

export type PrincipalLabel = 'none' | 'service' | 'guardian' | 'staff' | 'student'

/**
 * The result of a request. REFUSED: it was not executed. PARTIAL: there are data and errors. ERROR: there are
 * errors and no data. UNFINISHED: the client did not receive the whole answer.
 */
export type RequestOutcome = 'ok' | 'partial' | 'error' | 'refused' | 'unfinished'

/** More codes or districts of one request are counted, and not named. */
export const MAX_NAMED = 8
const CODE = /^[A-Z][A-Z_]{1,39}$/
const NONE: readonly never[] = []

/** What the log, the metrics and the trace say about one request: codes, counts and the ids of districts. */
export class RequestSummary {
  principal: PrincipalLabel = 'none'
  operation: OperationSummary | undefined
  /** How often missing values were fetched. A subscription counts the rounds of all its changes. */
  rounds = 0
  isExecuted = false
  hasData = false
  #districts: Set<DistrictId> | undefined
  #lastDistrict: DistrictId | undefined
  #codes: string[] | undefined

  /** The districts whose records the request asked for, at most 8 of them. */
  get districtIds(): readonly DistrictId[] {
    return this.#districts === undefined ? NONE : [...this.#districts].slice(0, MAX_NAMED)
  }

  /** The codes of the errors in the answer, each once, at most 8 of them. */
  get codes(): readonly string[] {
    return this.#codes ?? NONE
  }

  get districtCount(): number {
    return this.#districts?.size ?? 0
  }

  addDistrict(id: DistrictId) {
    if (id === this.#lastDistrict) return
    this.#lastDistrict = id
    this.#districts ??= new Set()
    this.#districts.add(id)
  }

  /** The code of an error that the client receives. A value that is not a code of the gateway becomes OTHER. */
  addCode(code: unknown) {
    const text = typeof code === 'string' && CODE.test(code) ? code : 'OTHER'
    this.#codes ??= []
    if (this.#codes.length < MAX_NAMED && !this.#codes.includes(text)) this.#codes.push(text)
  }

  addErrors(errors: readonly { readonly extensions: Readonly<Record<string, unknown>> }[]) {
    for (const { extensions } of errors) this.addCode(extensions.code)
  }

  /** The data are replaced by an error. */
  answerTooLarge() {
    this.hasData = false
    this.addCode('QUERY_TOO_COMPLEX')
  }

  outcome(isComplete: boolean): RequestOutcome {
    if (!isComplete) return 'unfinished'
    if (this.#codes === undefined) return 'ok'
    if (!this.isExecuted) return 'refused'
    return this.hasData ? 'partial' : 'error'
  }
}
