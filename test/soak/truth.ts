/** The words of a relationship entry, as the district wrote them. */
export interface Words {
  readonly relationship: string
  readonly type: string
}

/** A time from `from` to `until`, in ms since 1970. */
export interface Period {
  readonly from: number
  readonly until: number
}

interface Entry extends Words {
  readonly from: number
  until: number
}

/** The rows of the default policy that let a guardian see the student, and the other contacts of the student. */
const MAY_SEE_STUDENT = new Set([
  'Parent|Parent/Guardian',
  'Parent|Primary',
  'Parent|Secondary',
  'Grandparent|Parent/Guardian',
  'Aunt/Uncle|Parent/Guardian',
  'Sibling|Parent/Guardian',
  'Other|Parent/Guardian',
])
const MAY_SEE_CONTACTS = new Set(['Parent|Parent/Guardian'])

/** Which contact had which entry for which student, and when: what the answers of the gateway are checked against. */
export class Truth {
  /** By contact, then by student. */
  readonly #entries = new Map<string, Map<string, Entry[]>>()
  readonly #districts = new Map<string, string>()
  /** When the gateway may not read a district. */
  readonly #withdrawn = new Map<string, Period>()

  /** `id`: of a student or contact. */
  setDistrict(id: string, districtId: string) {
    this.#districts.set(id, districtId)
  }

  districtOf(id: string): string | undefined {
    return this.#districts.get(id)
  }

  withdraw(districtId: string, from: number) {
    this.#withdrawn.set(districtId, { from, until: Number.POSITIVE_INFINITY })
  }

  giveBack(districtId: string, until: number) {
    const from = this.#withdrawn.get(districtId)?.from ?? until
    this.#withdrawn.set(districtId, { from, until })
  }

  /** Whether the district of the student or contact is one of these, and was shared at some time of the period. */
  isIn(id: string, districtIds: readonly string[], { from, until }: Period): boolean {
    const districtId = this.districtOf(id) ?? ''
    const withdrawn = this.#withdrawn.get(districtId)
    const isWithdrawn = withdrawn !== undefined && withdrawn.from < from && until < withdrawn.until
    return districtIds.includes(districtId) && !isWithdrawn
  }

  begin(contactId: string, studentId: string, words: Partial<Words>, from: number) {
    const ofContact = this.#entries.get(contactId) ?? new Map<string, Entry[]>()
    this.#entries.set(contactId, ofContact)
    const entries = ofContact.get(studentId) ?? []
    ofContact.set(studentId, entries)
    const { relationship = '', type = '' } = words
    entries.push({
      relationship: relationship.trim(),
      type: type.trim(),
      from,
      until: Number.POSITIVE_INFINITY,
    })
  }

  end(contactId: string, studentId: string, until: number) {
    for (const entry of this.#entries.get(contactId)?.get(studentId) ?? [])
      entry.until = Math.min(entry.until, until)
  }

  /** The contact has got another id. */
  move(from: string, to: string, period: Period) {
    for (const [studentId, entries] of this.#entries.get(from) ?? []) {
      for (const entry of entries.filter(({ until }) => until > period.from))
        this.begin(to, studentId, entry, period.from)
      this.end(from, studentId, period.until)
    }
    this.setDistrict(to, this.districtOf(from) ?? '')
  }

  /** Whether the contact had an entry with these words for the student at some time of the period. */
  had(contactId: string, studentId: string, words: Words, period: Period): boolean {
    const { relationship, type } = words
    return this.#during(contactId, studentId, period).some(
      (entry) => entry.relationship === relationship.trim() && entry.type === type.trim(),
    )
  }

  /** The students that the contact was related to at some time of the period. */
  studentsOf(contactId: string, period: Period): readonly string[] {
    const students = [...(this.#entries.get(contactId)?.keys() ?? [])]
    return students.filter((studentId) => this.#during(contactId, studentId, period).length > 0)
  }

  maySeeStudent(contactId: string, studentId: string, period: Period): boolean {
    return this.#grants(MAY_SEE_STUDENT, contactId, studentId, period)
  }

  maySeeContacts(contactId: string, studentId: string, period: Period): boolean {
    return this.#grants(MAY_SEE_CONTACTS, contactId, studentId, period)
  }

  /** The entries of now. */
  current(contactId: string): readonly (Words & { readonly studentId: string })[] {
    return [...(this.#entries.get(contactId) ?? [])].flatMap(([studentId, entries]) =>
      entries
        .filter(({ until }) => until === Number.POSITIVE_INFINITY)
        .map(({ relationship, type }) => ({ studentId, relationship, type })),
    )
  }

  #grants(rows: ReadonlySet<string>, contactId: string, studentId: string, period: Period): boolean {
    return this.#during(contactId, studentId, period).some(({ relationship, type }) =>
      rows.has(`${relationship}|${type}`),
    )
  }

  #during(contactId: string, studentId: string, { from, until }: Period): readonly Entry[] {
    const entries = this.#entries.get(contactId)?.get(studentId) ?? []
    return entries.filter((entry) => entry.from <= until && entry.until >= from)
  }
}
