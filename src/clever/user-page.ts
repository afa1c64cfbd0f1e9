import { CleverAnswerInvalid } from '../model/clever-errors.ts'
import { encodeForRole } from '../model/codec.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { KeptFields } from '../model/optional-fields.ts'
import { idOf, type Role } from '../model/ranges.ts'
import { ByteWords } from './byte-words.ts'
import { JsonScanner, NOT_PLAIN } from './json-scanner.ts'
import { type PackedRows, RowPacker } from './packed-rows.ts'
import { type PageLinks, parsePage } from './pages.ts'
import { PlainUserReader } from './plain-user.ts'
import { parseJson } from './read-answer.ts'
import { RecordCounter, type RecordCounts } from './record-counts.ts'
import { parseUser } from './records.ts'
import { stepOverUser } from './step-over-user.ts'
import { WantedIds } from './wanted-ids.ts'

/** What a page of users is read for. */
export interface UserPageQuestion {
  readonly role: Role
  readonly districtId: DistrictId
  readonly keptFields: KeptFields
  /** Undefined for all users. */
  readonly wanted?: ReadonlySet<UserId> | undefined
}

/** A page of users, encoded for one role. Plain values, so that a worker can send it. */
export interface UserPage extends PageLinks {
  /** In the order of the page. A record that is on the page twice in a row counts once. */
  readonly rows: PackedRows
  /** Whether each id is higher than the one before. */
  readonly isAscending: boolean
  /** As in a page of a range. */
  readonly leftOut: number
  /** Whether an element has no readable id. */
  readonly hasNameless: boolean
  readonly counts: RecordCounts
}

const decoder = new TextDecoder()
const PAGE = new ByteWords(['data', 'links'])
const [DATA, LINKS] = [0, 1]

/** Called after each row. */
type AfterRow = () => void

/**
 * Reads the body of a page. A row costs about 5 µs, three times as much if the record is not plain, and 1.3 µs if it is not
 * wanted; up to six times as much until the code is compiled.
 * Throws CleverUnavailable for a body that is not JSON, and CleverAnswerInvalid for one that is not a list.
 */
export function readUserPage(
  body: ArrayBuffer,
  question: UserPageQuestion,
  afterRow: AfterRow = () => {},
): UserPage {
  return readPlainPage(body, question, afterRow) ?? readParsedPage(body, question, afterRow)
}

/**
 * The same, and frees the memory of the body at once. Many megabytes would otherwise wait for the garbage collector, which
 * starts the earlier the more memory there is outside of the heap.
 */
export function readAndFree(body: ArrayBuffer, question: UserPageQuestion, afterRow?: AfterRow): UserPage {
  try {
    return readUserPage(body, question, afterRow)
  } finally {
    body.transfer(0)
  }
}

/** Reads any page, by JSON.parse. */
export function readParsedPage(
  body: ArrayBuffer,
  question: UserPageQuestion,
  afterRow: AfterRow = () => {},
): UserPage {
  const { items, ...links } = parsePage(parseJson(decoder.decode(body)))
  const rows = new PageRows(question)
  for (const item of items) {
    rows.addParsed(item)
    afterRow()
  }
  return pageOf(links, rows)
}

/** Undefined for a page that is not a plain list of objects. */
function readPlainPage(
  body: ArrayBuffer,
  question: UserPageQuestion,
  afterRow: AfterRow,
): UserPage | undefined {
  // Encoded, the rows are shorter.
  const rows = new PageRows(question, question.wanted === undefined ? body.byteLength : undefined)
  const page = readPlainRows(new JsonScanner(body), question, rows, afterRow)
  if (page === undefined) rows.packer.free()
  return page
}

function readPlainRows(
  json: JsonScanner,
  question: UserPageQuestion,
  rows: PageRows,
  afterRow: AfterRow,
): UserPage | undefined {
  const user = new PlainUserReader(json, question.role, question.keptFields, rows.packer)
  let rowCount: number | undefined
  let links = '[]'
  try {
    for (let more = json.open('OBJECT'); more; more = json.next('OBJECT')) {
      const place = json.key(PAGE)
      if (place !== DATA) {
        const value = json.skipped()
        if (place === LINKS) links = value
      } else if (rowCount === undefined) rowCount = readElements(json, user, rows, afterRow)
      else return undefined
    }
    json.finish()
  } catch (error) {
    if (error === NOT_PLAIN) return undefined
    throw error
  }
  if (rowCount === undefined) return undefined
  const { next, prev, hasLinks } = parsePage({ data: [], links: parseJson(links) })
  return pageOf({ rowCount, next, prev, hasLinks }, rows)
}

function pageOf(links: PageLinks, rows: PageRows): UserPage {
  const read = rows.read()
  // Without an id, the next page cannot be requested.
  if (links.rowCount > 0 && read.rows.ends.length === 0) throw new CleverAnswerInvalid('a page without ids')
  return { ...links, ...read }
}

/** Each element is an object with the user in `data`. Returns their number. */
function readElements(json: JsonScanner, user: PlainUserReader, rows: PageRows, afterRow: AfterRow): number {
  let count = 0
  for (let more = json.open('LIST'); more; more = json.next('LIST')) {
    let hasData = false
    for (let inner = json.open('OBJECT'); inner; inner = json.next('OBJECT')) {
      const isData = json.key(PAGE) === DATA
      if (isData && hasData) throw NOT_PLAIN
      if (isData) readUser(json, user, rows)
      else json.skip()
      hasData ||= isData
    }
    if (!hasData) throw NOT_PLAIN
    count += 1
    afterRow()
  }
  return count
}

function readUser(json: JsonScanner, user: PlainUserReader, rows: PageRows) {
  const start = json.at
  try {
    const id = rows.areAllWanted ? undefined : stepOverUser(json)
    if (id !== undefined && !rows.isWanted(id)) {
      rows.addUnwanted(id)
      return
    }
    json.at = start
    if (rows.begin(user.read(), user.unknownFields)) user.pack()
  } catch (error) {
    if (error !== NOT_PLAIN) throw error
    json.at = start
    rows.addParsed(parseJson(json.skipped()))
  }
}

/**
 * The rows of a page, in its order. A repeated record does no harm, because the order of the page still proves its range: it
 * counts once.
 */
class PageRows {
  readonly #question: UserPageQuestion
  readonly #wanted: WantedIds | undefined
  readonly #counter = new RecordCounter()
  readonly packer: RowPacker
  /** The ids of the last two rows. */
  #lastButOne: UserId | undefined
  #last: UserId | undefined
  #isLastWanted = true
  #isAscending = true
  #leftOut = 0
  #hasNameless = false

  /** `capacity`: of the packer. */
  constructor(question: UserPageQuestion, capacity?: number) {
    this.packer = new RowPacker(capacity)
    this.#question = question
    this.#wanted = question.wanted && new WantedIds(question.wanted)
  }

  get areAllWanted(): boolean {
    return this.#wanted === undefined
  }

  isWanted(id: UserId): boolean {
    return this.#wanted?.has(id) ?? true
  }

  addUnwanted(id: UserId) {
    if (this.#isRepeated(id)) return
    this.#begin(id, false)
    this.packer.endWithoutText('NOT_WANTED')
  }

  /**
   * Begins the row of a record that needs no parser and is packed next. False if it is not to be packed. `unknownFields`: those
   * with a value that Clever does not document.
   */
  begin(id: UserId, unknownFields: readonly string[]): boolean {
    if (this.#isRepeated(id)) return false
    for (const field of unknownFields) this.#counter.countUnknown(field)
    this.#begin(id, true)
    return true
  }

  addParsed(item: unknown) {
    const { role, districtId, keptFields } = this.#question
    const id = idOf(item)
    if (id !== undefined && !this.isWanted(id)) {
      this.addUnwanted(id)
      return
    }
    if (id !== undefined && this.#isRepeated(id)) return
    const user = this.#counter.count(parseUser(item, districtId, keptFields))
    if (id === undefined) {
      this.#hasNameless = true
      return
    }
    const encoded = encodeForRole(role, user)
    this.#begin(id, true)
    if (encoded === undefined) this.packer.endWithoutText('ABSENT')
    else this.packer.endWith(encoded)
  }

  #isRepeated(id: UserId): boolean {
    return id === this.#last
  }

  /** The text of the row, or why it has none, is packed next. */
  #begin(id: UserId, isWanted: boolean) {
    if (this.#last !== undefined && id < this.#last) this.#isAscending = false
    if (this.#isLastBetween(id)) {
      this.packer.removeLast()
      this.#leftOut += 1
    } else this.#lastButOne = this.#last
    this.packer.begin(id)
    this.#last = id
    this.#isLastWanted = isWanted
  }

  /** Whether the last row is unwanted and stands, in ascending order, between another and the next. */
  #isLastBetween(next: UserId): boolean {
    const [before, last] = [this.#lastButOne, this.#last]
    if (this.#isLastWanted || before === undefined || last === undefined) return false
    return before < last && last < next
  }

  read() {
    return {
      rows: this.packer.packed(),
      isAscending: this.#isAscending,
      leftOut: this.#leftOut,
      hasNameless: this.#hasNameless,
      counts: this.#counter.counts,
    }
  }
}
