import { ABSENT, type EncodedRecord, type Json, joinContact, joinStudent } from '../model/codec.ts'
import { flatCopy, parseUserId, type UserId } from '../model/ids.ts'
import type { KeptFields } from '../model/optional-fields.ts'
import type { Role } from '../model/ranges.ts'
import { sharedKeysOf } from '../model/shared-keys.ts'
import { PHONE_TYPES, parseEnumValue, RELATIONSHIP_TYPES, RELATIONSHIPS } from '../model/vocabulary.ts'
import { LIMITS } from './fields.ts'
import { isIsoTime } from './iso-time.ts'
import { type JsonScanner, NOT_PLAIN } from './json-scanner.ts'

/** Characters. In a record of this size no list and no sum of texts exceeds LIMITS. */
const MAX_RECORD = 20_000
/** Never changed. */
const NONE: string[] = []
const QUOTE = 0x22
/** Roles that `parseUser` reads. A user who has two of them is not plain. */
const READ_ROLES = new Set(['student', 'contact', 'staff'])

/**
 * Reads a user of one role from JSON text, and encodes it without parsing it into objects. It reads plain records, which
 * nearly all are: those without escapes, without texts where Clever documents another type, within all limits of size, and
 * with one role. Throws NOT_PLAIN for others, which `parseUser` reads. For a plain record, both have the same result.
 */
export class PlainUserReader {
  readonly #json: JsonScanner
  readonly #role: Role
  readonly #kept: KeptFields
  #id: UserId | undefined
  #hasName = false
  #hasRole = false
  /** The fields of the last record with a value that Clever does not document. */
  readonly unknownFields: string[] = []
  #values = new Values()

  constructor(json: JsonScanner, role: Role, kept: KeptFields) {
    this.#json = json
    this.#role = role
    this.#kept = kept
  }

  /** Steps over the record. */
  read(): { readonly id: UserId; readonly encoded: EncodedRecord } {
    const json = this.#json
    const start = json.at
    this.#forgetLast()
    for (let more = json.open('OBJECT'); more; more = json.next('OBJECT')) this.#readMember(json.key())
    const id = this.#id
    if (id === undefined || !this.#hasRole || json.at - start > MAX_RECORD) throw NOT_PLAIN
    return { id: flatCopy(id), encoded: this.#encoded() }
  }

  /** Steps over the record. Returns its id alone, which keeps the text of the page in memory. */
  readId(): UserId {
    const json = this.#json
    let id: UserId | undefined
    for (let more = json.open('OBJECT'); more; more = json.next('OBJECT'))
      if (json.key() === 'id') id = this.#readId()
      else json.skip()
    if (id === undefined) throw NOT_PLAIN
    return id
  }

  #forgetLast() {
    this.#id = undefined
    this.#hasName = false
    this.#hasRole = false
    this.unknownFields.length = 0
    this.#values = new Values()
  }

  #readMember(key: string) {
    const values = this.#values
    switch (key) {
      case 'id':
        this.#id = this.#readId()
        return
      case 'created':
        values.created = this.#readTime()
        return
      case 'last_modified':
        values.modified = this.#readTime()
        return
      case 'email':
        values.email = this.#readText()
        return
      case 'name':
        // Of two, JSON.parse takes the second one alone.
        if (this.#hasName) throw NOT_PLAIN
        this.#hasName = true
        this.#readName(values)
        return
      case 'roles':
        this.#readRoles()
        return
      default:
        this.#json.skip()
    }
  }

  #readName(name: { first: Json; middle: Json; last: Json }) {
    const json = this.#json
    for (let more = json.open('OBJECT'); more; more = json.next('OBJECT')) {
      const key = json.key()
      if (key === 'first' || key === 'middle' || key === 'last') name[key] = this.#readText()
      else json.skip()
    }
  }

  #readRoles() {
    const json = this.#json
    if (this.#hasRole) throw NOT_PLAIN
    for (let more = json.open('OBJECT'); more; more = json.next('OBJECT')) {
      const key = json.key()
      if (key === this.#role && !this.#hasRole) {
        this.#hasRole = true
        for (let inner = json.open('OBJECT'); inner; inner = json.next('OBJECT'))
          if (this.#role === 'student') this.#readOfStudent(json.key())
          else this.#readOfContact(json.key())
      } else if (READ_ROLES.has(key)) throw NOT_PLAIN
      else json.skip()
    }
  }

  #readOfStudent(key: string) {
    const values = this.#values
    switch (key) {
      case 'sis_id':
        values.sisId = this.#readText()
        return
      case 'legacy_id':
        values.legacyId = this.#readText()
        return
      case 'student_number':
        values.studentNumber = this.#readText()
        return
      case 'state_id':
        values.stateId = this.#readText()
        return
      case 'grade':
        values.grade = this.#readText()
        return
      case 'school':
        values.schoolId = `"${this.#readId()}"`
        return
      case 'schools':
        values.schoolIds = this.#readIds()
        return
      default:
        this.#readOptional(key)
    }
  }

  #readOptional(key: string) {
    const json = this.#json
    const isName = key === 'preferred_name' && this.#kept.has('preferredName')
    if (key === 'home_language' && this.#kept.has('homeLanguage')) {
      this.#values.homeLanguage = this.#readText()
    } else if (isName) {
      const name = { first: ABSENT, middle: ABSENT, last: ABSENT }
      this.#readName(name)
      const parts = [name.first, name.middle, name.last]
      this.#values.preferredName = parts.some((part) => part !== ABSENT) ? parts : []
    } else json.skip()
  }

  #readOfContact(key: string) {
    const values = this.#values
    switch (key) {
      case 'sis_id':
        values.sisId = this.#readText()
        return
      case 'legacy_id':
        values.legacyId = this.#readText()
        return
      case 'phone':
        values.phone = this.#readText()
        return
      case 'phone_type':
        values.phoneType = this.#readWord(key, PHONE_TYPES)
        return
      case 'student_relationships':
        this.#readRelationships()
        return
      default:
        this.#json.skip()
    }
  }

  #readRelationships() {
    const json = this.#json
    const [studentIds, words]: [string[], Json[]] = [[], []]
    for (let more = json.open('LIST'); more; more = json.next('LIST')) {
      let student: string | undefined
      let [relationship, type] = [ABSENT, ABSENT]
      for (let inner = json.open('OBJECT'); inner; inner = json.next('OBJECT')) {
        const key = json.key()
        if (key === 'student') student = this.#readId()
        else if (key === 'relationship') relationship = this.#readWord(key, RELATIONSHIPS)
        else if (key === 'type') type = this.#readWord(key, RELATIONSHIP_TYPES)
        else json.skip()
      }
      if (student === undefined) throw NOT_PLAIN
      studentIds.push(student)
      words.push(relationship, type)
    }
    this.#values.studentIds = studentIds
    this.#values.words = words
  }

  #encoded(): EncodedRecord {
    const values = this.#values
    if (this.#role === 'student') return joinStudent(values)
    const { sisId, email, phone } = values
    const keys = sharedKeysOf({ sisId: textOf(sisId), email: textOf(email), phone: textOf(phone) })
    return joinContact(values, keys)
  }

  #readWord(field: string, vocabulary: Readonly<Record<string, string>>): Json {
    const word = this.#readText()
    if (!parseEnumValue(vocabulary, textOf(word)).isKnown) this.unknownFields.push(field)
    return word
  }

  /** A text that JSON.stringify would write as it is here. */
  #readText(): Json {
    const json = this.#json
    if (json.takeNull()) return ABSENT
    const text = json.string()
    if (text.length > LIMITS.text + 2) throw NOT_PLAIN
    return isBlank(text) ? ABSENT : text
  }

  #readTime(): Json {
    const json = this.#json
    if (json.takeNull()) return ABSENT
    const time = json.string()
    return isIsoTime(time.slice(1, -1)) ? time : ABSENT
  }

  #readId(): UserId {
    const id = parseUserId(this.#json.string().slice(1, -1))
    if (id === undefined) throw NOT_PLAIN
    return id
  }

  #readIds(): Json[] {
    const json = this.#json
    const ids: Json[] = []
    for (let more = json.open('LIST'); more; more = json.next('LIST')) ids.push(`"${this.#readId()}"`)
    return ids
  }
}

class Values {
  first: Json = ABSENT
  middle: Json = ABSENT
  last: Json = ABSENT
  email: Json = ABSENT
  created: Json = ABSENT
  modified: Json = ABSENT
  sisId: Json = ABSENT
  legacyId: Json = ABSENT
  studentNumber: Json = ABSENT
  stateId: Json = ABSENT
  grade: Json = ABSENT
  schoolId: Json = ABSENT
  schoolIds: Json[] = NONE
  homeLanguage: Json = ABSENT
  preferredName: Json[] = NONE
  phone: Json = ABSENT
  phoneType: Json = ABSENT
  studentIds: string[] = NONE
  words: Json[] = NONE
}

/** `json`: ABSENT, or a string without escapes. */
function textOf(json: Json): string | undefined {
  return json === ABSENT ? undefined : json.slice(1, -1)
}

/** Whether a JSON string has nothing but white space. Nearly all begin with a letter or digit, which shows that they have more. */
function isBlank(json: Json): boolean {
  const first = json.charCodeAt(1)
  const isVisible = first > 0x20 && first < 0x7f && first !== QUOTE
  return !isVisible && !/\S/.test(json.slice(1, -1))
}
