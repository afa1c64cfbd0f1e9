import { Disclosures } from '../access/disclosures.ts'
import type { FactReads } from '../access/facts.ts'
import { type Viewer, viewerOf } from '../access/viewer.ts'
import type { CleverClient } from '../clever/client.ts'
import type { District } from '../districts.ts'
import type { IdHistory } from '../identity/id-history.ts'
import { CallAllowanceExceeded } from '../model/call-allowance.ts'
import { CleverAnswerInvalid, CleverError, CleverTimedOut, isOutage } from '../model/clever-errors.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import type { ContactRecord } from '../model/records.ts'
import { minAsOf, type Purpose } from '../store/ages.ts'
import type { Dated, RecordOf, StoredRecord } from '../store/district-store.ts'
import { type Load, MISSING } from './missing.ts'
import type { Request } from './request.ts'
import { QueryTooLarge } from './too-large.ts'

/** Where to look for a record: in one district, or in all that the viewer may reach. */
export interface RecordKey {
  readonly id: UserId
  readonly districtId?: DistrictId | undefined
}

/** Nodes that one request may resolve, each by its weight. A page of 100 contacts with students and their contacts has about 2,000. */
const MAX_NODES = 100_000
/** Fields that may fail in one attempt, each in some 20 µs. */
const MAX_FAILURES = 10_000
/** How often a value for a decision is read again in one request. After that, the decision is no. */
const MAX_DECISION_READS = 2

/**
 * One attempt's window on the stores. Reads are synchronous: a read whose value is not known records it as missing and
 * throws MISSING. Disclosures, freshness and missing values belong to this attempt only.
 */
export class View {
  readonly request: Request
  readonly now: number
  readonly missing = new Map<string, Load>()
  readonly disclosures = new Disclosures()
  /** When the oldest value of the answer was read, in ms since the epoch; Infinity if the answer holds none. */
  oldestAsOf = Number.POSITIVE_INFINITY
  isStale = false
  #nodes = 0
  #failures = 0
  #viewer: Viewer | undefined
  #districts: readonly District[] | undefined
  #lastDistrict: District | undefined
  /** The minimum as-of time of data to display, for the district that was asked last. */
  #threshold: { readonly district: District; readonly minAsOf: number } | undefined
  readonly #staleBefore: number
  readonly #memo = new Map<string | object, unknown>()
  #asOf: Map<ContactRecord, number> | undefined
  readonly #revisions: {
    [R in Role]?: { readonly districtId: DistrictId; readonly value: number | undefined }
  } = {}
  readonly #disclosed = new Set<object>()

  constructor(request: Request) {
    this.request = request
    const { clock, districts } = request.services
    this.now = clock.now()
    this.#staleBefore = this.now - districts.ages.displayMs
  }

  /** Throws MISSING and FactsUnavailable. */
  get viewer(): Viewer {
    if (this.#viewer === undefined) {
      const { services, context } = this.request
      const facts = services.facts.read(this.#factReads())
      this.#viewer = viewerOf(context.principal, facts, services.rules(), services.onDecision)
    }
    return this.#viewer
  }

  #factReads(): FactReads {
    return {
      principal: this.request.context.principal,
      now: this.now,
      contact: (id) => this.record('contact', { id }, 'DECISION'),
      student: (id) => this.record('student', { id }, 'DECISION'),
      staff: () => {
        // The tokens come first: without them no district could be asked.
        this.districts()
        return this.fetched(this.#keyFor('staff', 'DECISION'), (fetch) => fetch.staff())
      },
      isMissing: (error) => error === MISSING,
    }
  }

  /**
   * Computes a value once for this attempt, by a name or by the object that it belongs to. What is missing stays
   * missing until the next attempt.
   */
  once<Value>(key: string | object, compute: () => Value): Value {
    const known = this.#memo.get(key)
    if (known === MISSING) throw MISSING
    if (known !== undefined || this.#memo.has(key)) return known as Value
    try {
      const value = compute()
      this.#memo.set(key, value)
      return value
    } catch (error) {
      if (error === MISSING) this.#memo.set(key, MISSING)
      throw error
    }
  }

  /** Counts a read of a store. Each attempt counts its own. */
  countRead({ reads, client }: District, known: object | undefined) {
    this.request.context.summary.addDistrict(client.districtId)
    if (known === undefined) reads.misses += 1
    else reads.hits += 1
  }

  /** Counts nodes of the answer. Throws QueryTooLarge. */
  countNodes(count: number) {
    this.#nodes += count * this.request.traits.nodeWeight
    if (this.#nodes > MAX_NODES) throw new QueryTooLarge('more records than one request may resolve')
  }

  /** Notes when a contact in the answer was read, in ms since the epoch. Without a fetched value, the store knows it. */
  noteAsOf(record: ContactRecord, asOf: number) {
    if (this.request.pins.size === 0) return
    this.#asOf ??= new Map()
    this.#asOf.set(record, Math.max(asOf, this.#asOf.get(record) ?? asOf))
  }

  /** When a contact in the answer was read, in ms since the epoch. */
  asOfTime(record: ContactRecord): number {
    const noted = this.#asOf?.get(record)
    if (noted !== undefined) return noted
    const held = this.district(record.districtId)?.store.find('contact', record.id, Number.NEGATIVE_INFINITY)
    return held?.value === record ? held.asOf : Number.NEGATIVE_INFINITY
  }

  /**
   * The revision of the records of a role in a district, if all of them are known and young enough to
   * display; undefined otherwise. What was found in the records stays valid while the revision is the same.
   */
  revisionOf(role: Role, districtId: DistrictId): number | undefined {
    const known = this.#revisions[role]
    if (known?.districtId === districtId) return known.value
    const value = this.#readRevision(role, districtId)
    this.#revisions[role] = { districtId, value }
    return value
  }

  #readRevision(role: Role, districtId: DistrictId): number | undefined {
    const district = this.district(districtId)
    const asOf = district?.store.wholeAsOf(role)
    if (district === undefined || asOf === undefined || asOf < this.displayMinAsOf(district)) return undefined
    this.dated({ value: undefined, asOf })
    this.request.addDemand(district, role)
    return district.store.revision(role)
  }

  /** True the first time for each object, when its disclosures must be noted. */
  isFirst(node: object): boolean {
    if (this.#disclosed.has(node)) return false
    this.#disclosed.add(node)
    return true
  }

  /** Counts a field that failed, also one whose value is missing. */
  countFailure() {
    this.#failures += 1
  }

  /** Too many fields that fail make an answer too large, unless they only wait for missing values. */
  get isTooLarge(): boolean {
    return this.#nodes > MAX_NODES || (this.#failures > MAX_FAILURES && this.missing.size === 0)
  }

  /** Whether the result of the attempt is not sent: it is too large, or a value is missing. */
  get isDiscarded(): boolean {
    return this.isOver || this.missing.size > 0
  }

  /** Whether so much was resolved, or failed, that the rest of the attempt is not resolved. */
  get isOver(): boolean {
    return this.#nodes > MAX_NODES || this.#failures > MAX_FAILURES
  }

  /** The lowest number of calls that a token of the districts in the answer has left in its window. */
  callsLeft(): number | undefined {
    if (this.#districts === undefined || this.#districts.length === 0) return undefined
    return Math.min(...this.#districts.map(({ client }) => client.callsLeft()))
  }

  /** All districts that the principal may reach. */
  districts(): readonly District[] {
    if (this.#districts === undefined) {
      const clients =
        this.request.districts() ?? this.require<never>('districts', (fetch) => fetch.districts())
      this.#districts = clients.map((client: CleverClient) => this.request.services.districts.of(client))
    }
    return this.#districts
  }

  district(id: DistrictId): District | undefined {
    if (this.#lastDistrict?.client.districtId === id) return this.#lastDistrict
    const found = this.districts().find(({ client }) => client.districtId === id)
    this.#lastDistrict = found
    return found
  }

  /** Throws MISSING, the CleverErrors, and CleverAnswerInvalid for a record that cannot be read. */
  record<R extends Role>(
    role: R,
    recordKey: RecordKey,
    purpose: Purpose = 'DISPLAY',
  ): Dated<RecordOf<R> | undefined> {
    const { id, districtId } = recordKey
    const district = districtId === undefined ? this.#onlyDistrict() : this.district(districtId)
    if (district === undefined)
      return districtId === undefined
        ? this.#recordAnywhere(role, id, purpose)
        : { value: undefined, asOf: this.now }
    const held = this.#held(district, role, id, purpose)
    this.countRead(district, held)
    return held === undefined
      ? this.#fetched([district], role, id, purpose)
      : this.#note(district, role, held, purpose)
  }

  #onlyDistrict(): District | undefined {
    const [first, ...others] = this.districts()
    return others.length === 0 ? first : undefined
  }

  #recordAnywhere<R extends Role>(role: R, id: UserId, purpose: Purpose): Dated<RecordOf<R> | undefined> {
    const open: District[] = []
    let absent: Dated<undefined> | undefined
    for (const district of this.districts()) {
      const held = this.#held(district, role, id, purpose)
      this.countRead(district, held)
      if (held === undefined) open.push(district)
      else if (held.value !== undefined) return this.#note(district, role, held, purpose)
      else absent ??= { value: undefined, asOf: held.asOf }
    }
    if (open.length === 0) return absent ?? { value: undefined, asOf: this.now }
    return this.#fetched(open, role, id, purpose)
  }

  /** The contacts of a student, in the order of their ids; none for a student that is not shared. */
  contactsOf(studentId: UserId, districtId: DistrictId): Dated<readonly ContactRecord[]> {
    const district = this.district(districtId)
    if (district === undefined) return { value: [], asOf: this.now }
    this.request.addDemand(district, 'contact')
    const { store } = district
    const youngest = this.#minAsOf('DISPLAY', district)
    const known = store.contactsOf(studentId, youngest)
    this.countRead(district, known)
    if (known !== undefined) return this.dated(known)
    const key = `contactsOf ${studentId} ${districtId}`
    const load: Load = (fetch) => fetch.contactsOf(studentId, districtId)
    // Clever lists no contacts for a student that is not shared, although records of contacts may name the student.
    const student = this.#recordBeside(key, load, { id: studentId, districtId })
    if (student.value === undefined) return { value: [], asOf: student.asOf }
    return this.fetched(key, load, (older) => store.contactsOf(studentId, older))
  }

  /** A student that must be read is likely to exist, so the value that depends on it is read in the same round. */
  #recordBeside(key: string, load: Load, student: RecordKey) {
    try {
      return this.record('student', student)
    } catch (error) {
      if (error === MISSING && !this.request.pins.has(key)) this.missing.set(key, load)
      throw error
    }
  }

  /**
   * Returns what was fetched under the key, or records the value as missing and throws MISSING. Throws CleverTimedOut for a missing
   * value in an attempt that begins after the deadline of the request.
   */
  require<Value>(key: string, load: Load): Value {
    const pin = this.request.pins.get(key)
    if (pin === undefined) {
      if (this.now >= this.request.context.deadline) throw new CleverTimedOut('the deadline has passed')
      this.missing.set(key, load)
      throw MISSING
    }
    if ('error' in pin) throw pin.error
    return pin.value as Value
  }

  /** The same for a dated value. During an outage `older` gives a value that is still good enough to display. */
  fetched<Value>(
    key: string,
    load: Load,
    older: (minAsOf: number) => Dated<Value> | undefined = () => undefined,
  ): Dated<Value> {
    try {
      const known = this.require<Dated<Value>>(key, load)
      this.oldestAsOf = Math.min(this.oldestAsOf, known.asOf)
      return known
    } catch (error) {
      const known = isOutage(error)
        ? older(this.now - this.request.services.districts.ages.displayMaxMs)
        : undefined
      if (known === undefined) throw error
      return this.dated(known)
    }
  }

  /** Notes the age of a value that goes into the answer. */
  dated<Value extends Dated<unknown>>(known: Value): Value {
    if (known.asOf < this.oldestAsOf) this.oldestAsOf = known.asOf
    if (known.asOf < this.#staleBefore) this.isStale = true
    return known
  }

  /**
   * The id history of a district. Its past events are read on the first use; without them, and if they cannot be read, the id changes
   * from before the feed started are not known. Throws MISSING.
   */
  idHistory({ backfill, client, idHistory }: District): IdHistory {
    if (!backfill.isNeeded) return idHistory
    const { districtId } = client
    try {
      this.require(`idHistory ${districtId}`, (fetch) => fetch.idHistory(districtId))
    } catch (error) {
      if (!(error instanceof CleverError || error instanceof CallAllowanceExceeded)) throw error
    }
    return idHistory
  }

  /** Values with this as-of time or a later one are young enough to display. ms since the epoch */
  displayMinAsOf(district: District): number {
    return this.#minAsOf('DISPLAY', district)
  }

  #minAsOf(purpose: Purpose, district: District): number {
    if (purpose === 'DISPLAY' && this.#threshold?.district === district) return this.#threshold.minAsOf
    const { districts, clock } = this.request.services
    const asOf = minAsOf(purpose, districts.ages, clock, district.reader.isDown)
    if (purpose === 'DISPLAY') this.#threshold = { district, minAsOf: asOf }
    return asOf
  }

  #held<R extends Role>(district: District, role: R, id: UserId, purpose: Purpose) {
    const known = readable(district.store.find(role, id, this.#minAsOf(purpose, district)))
    return known && this.dated(known)
  }

  #fetched<R extends Role>(open: readonly District[], role: R, id: UserId, purpose: Purpose) {
    const districtIds = open.map(({ client }) => client.districtId)
    const key = `${role} ${id} ${purpose} ${districtIds.join('+')}`
    const load: Load = (fetch) => fetch.record(role, id, districtIds, purpose)
    const older = (asOf: number) => {
      if (purpose === 'DECISION') return undefined
      const held = open.map(({ store }) => readable(store.find(role, id, asOf)))
      return held.every((each) => each !== undefined)
        ? (held.find(({ value }) => value !== undefined) ?? held[0])
        : undefined
    }
    const known = this.fetched<RecordOf<R> | undefined>(this.#keyFor(key, purpose), load, older)
    const [district] = open
    return district === undefined ? known : this.#note(district, role, known, purpose)
  }

  /** A value for a decision that has grown too old since it was fetched is fetched again under another key. */
  #keyFor(key: string, purpose: Purpose): string {
    if (purpose === 'DISPLAY') return key
    const maxAge = Math.max(this.request.services.districts.ages.decisionMs, 1_000)
    for (let read = 1; read < MAX_DECISION_READS; read += 1) {
      const pin = this.request.pins.get(`${key} ${read}`)
      const known = pin && 'value' in pin ? (pin.value as Dated<unknown>) : undefined
      if (known === undefined || known.asOf >= this.now - maxAge) return `${key} ${read}`
    }
    return `${key} ${MAX_DECISION_READS}`
  }

  /** Only an existing record counts as a request for its role. */
  #note<K extends Dated<unknown>>(district: District, role: Role, known: K, purpose: Purpose): K {
    if (known.value !== undefined && purpose === 'DISPLAY') this.request.addDemand(district, role)
    return known
  }
}

function readable<R extends Role>(
  known: Dated<StoredRecord<R>> | undefined,
): Dated<RecordOf<R> | undefined> | undefined {
  if (known?.value === 'UNREADABLE') throw new CleverAnswerInvalid('the record could not be read')
  return known as Dated<RecordOf<R> | undefined> | undefined
}
