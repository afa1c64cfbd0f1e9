import type { UserId } from '../model/ids.ts'
import type { ContactRecord, StudentRecord } from '../model/records.ts'
import { type Relationship, relationshipsOf } from '../model/relationship-ids.ts'
import { readEmail } from '../quality/emails.ts'
import { inferPhoneType } from '../quality/inference.ts'
import { displayName, displayText } from '../quality/names.ts'
import { type Country, readPhone } from '../quality/phones.ts'
import type { ContactNode } from './contact-node.ts'

/**
 * Display values of a record, each computed at most once and only when a query selects it. The store returns the same
 * record object until the record changes, so these values live as long as the record.
 */
export class PersonProfile<Record extends StudentRecord | ContactRecord> {
  readonly record: Record
  #displayName: string | undefined | null = null
  #name: PersonNameView | undefined
  #email: EmailView | undefined

  constructor(record: Record) {
    this.record = record
  }

  get displayName(): string | undefined {
    if (this.#displayName === null) this.#displayName = displayName(this.record.name)
    return this.#displayName
  }

  get name(): PersonNameView {
    this.#name ??= new PersonNameView(this.record.name)
    return this.#name
  }

  get email(): EmailView | undefined {
    const { email } = this.record
    if (email === undefined) return undefined
    this.#email ??= new EmailView(email)
    return this.#email
  }
}

export class ContactProfile extends PersonProfile<ContactRecord> {
  /** The node for each visibility, by a number that stands for the visibility. */
  readonly nodes: (ContactNode | undefined)[] = [undefined, undefined, undefined, undefined]
  readonly studentIds: readonly UserId[]
  readonly #country: Country
  #phone: PhoneView | undefined
  #relationships: readonly Relationship[] | undefined

  /** `country`: of phones that are written without a country code. */
  constructor(record: ContactRecord, country: Country) {
    super(record)
    this.studentIds = record.relationships.map(({ studentId }) => studentId)
    this.#country = country
  }

  get phone(): PhoneView | undefined {
    const { phone, phoneType } = this.record
    if (phone === undefined) return undefined
    this.#phone ??= new PhoneView(phone, phoneType, this.#country)
    return this.#phone
  }

  get relationships(): readonly Relationship[] {
    this.#relationships ??= relationshipsOf(this.record)
    return this.#relationships
  }
}

export class PersonNameView {
  readonly firstRaw: string | undefined
  readonly middleRaw: string | undefined
  readonly lastRaw: string | undefined
  readonly first: string | undefined
  readonly middle: string | undefined
  readonly last: string | undefined

  constructor({ first, middle, last }: StudentRecord['name']) {
    this.firstRaw = first
    this.middleRaw = middle
    this.lastRaw = last
    this.first = displayText(first)
    this.middle = displayText(middle)
    this.last = displayText(last)
  }
}

export class EmailView {
  readonly raw: string
  #read: ReturnType<typeof readEmail> | undefined

  constructor(raw: string) {
    this.raw = raw
  }

  get address(): string | undefined {
    return this.#parsed.address
  }

  get isValid(): boolean {
    return this.#parsed.isValid
  }

  get #parsed() {
    this.#read ??= readEmail(this.raw)
    return this.#read
  }
}

/** A phone is parsed on first use: that takes some 50 µs. */
export class PhoneView {
  readonly raw: string
  readonly #type: ContactRecord['phoneType']
  readonly #country: Country
  #read: ReturnType<typeof readPhone> | undefined

  constructor(raw: string, type: ContactRecord['phoneType'], country: Country) {
    this.raw = raw
    this.#type = type
    this.#country = country
  }

  get e164(): string | undefined {
    return this.#parsed.e164
  }

  get national(): string | undefined {
    return this.#parsed.national
  }

  get extension(): string | undefined {
    return this.#parsed.extension
  }

  get isValid(): boolean {
    return this.#parsed.isValid
  }

  get type(): ContactRecord['phoneType']['value'] {
    return this.#inferred.value
  }

  get typeIsInferred(): boolean {
    return this.#inferred.isInferred
  }

  get typeRaw(): string | undefined {
    return this.#type.raw
  }

  get #inferred() {
    return inferPhoneType(this.#type)
  }

  get #parsed() {
    this.#read ??= readPhone(this.raw, this.#country)
    return this.#read
  }
}

const PROFILE = Symbol('profile')

/** Kept in a hidden property of the record, which no copy takes over: a WeakMap is several times slower. */
export function contactProfile(
  record: ContactRecord & { readonly [PROFILE]?: ContactProfile },
  country: Country,
): ContactProfile {
  const known = record[PROFILE]
  if (known !== undefined) return known
  const profile = new ContactProfile(record, country)
  Object.defineProperty(record, PROFILE, { value: profile })
  return profile
}
