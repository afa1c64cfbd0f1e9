import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../support/random-documents.ts'
import type { SandboxControl } from './clever.ts'
import type { GuardianPrincipal, Principals } from './principals.ts'
import type { Roster } from './roster.ts'

const EVERY_MS = 1_200
/** A sync, after which Clever reports the changes, follows so many of them. */
const CHANGES_PER_SYNC = 4

/** Words that entries get when they come back: some grant more than before, and some less. */
const WORDS = [
  { relationship: 'Parent', type: 'Parent/Guardian' },
  { relationship: 'Parent', type: 'Primary' },
  { relationship: 'Aunt/Uncle', type: 'Family' },
  { relationship: 'Grandparent', type: 'Emergency' },
  { relationship: 'Sibling', type: 'Parent/Guardian' },
]

/** Changes the roster of the main district without a pause, and tells the truth of each change. */
export class RosterChanges {
  readonly #control: SandboxControl
  readonly #roster: Roster
  readonly #guardians: readonly GuardianPrincipal[]
  readonly #keepTheirIds: ReadonlySet<string>
  readonly #random = createRandom(7)
  readonly #over = new AbortController()
  readonly #changing: Promise<void>
  readonly #unshared: string[] = []
  changes = 0

  constructor(control: SandboxControl, roster: Roster, { guardians, subscribers }: Principals) {
    this.#control = control
    this.#roster = roster
    this.#guardians = guardians
    this.#keepTheirIds = new Set(subscribers.flatMap(({ viewer }) => viewer.contactIds))
    this.#changing = this.#change()
  }

  /** Ends with a sync. */
  async end() {
    this.#over.abort()
    await this.#changing
    await this.#act('sync')
  }

  async #change() {
    const ways = [
      () => this.#endRelationship(),
      () => this.#addRelationship(),
      () => this.#endRelationship(),
      () => this.#addRelationship(),
      () => this.#act('change-contacts', { share: 0.01 }),
      () => this.#correctEmail(),
      () => this.#shareOrUnshare(),
    ]
    while (!this.#over.signal.aborted) {
      await this.#pick(ways)()
      this.changes += 1
      if (this.changes % CHANGES_PER_SYNC === 0) await this.#act('sync')
      await delay(EVERY_MS, undefined, { signal: this.#over.signal }).catch(() => {})
    }
  }

  /** A contact keeps one student at least, because the last entry would remove it. */
  async #endRelationship() {
    const { truth } = this.#roster
    const contactId = this.#someContact()
    const students = new Set(truth.current(contactId).map(({ studentId }) => studentId))
    if (students.size < 2) return
    const studentId = this.#pick([...students])
    await this.#act('end-relationship', { contactId, studentId })
    truth.end(contactId, studentId, Date.now())
  }

  async #addRelationship() {
    const contactId = this.#someContact()
    const entry = { studentId: this.#pick(this.#roster.main.studentIds), ...this.#pick(WORDS) }
    const from = Date.now()
    await this.#act('add-relationship', { contactId, ...entry })
    this.#roster.truth.begin(contactId, entry.studentId, entry, from)
  }

  /** A contact without an SIS id gets another id. */
  async #correctEmail() {
    const { main, truth, secrets } = this.#roster
    const email = `corrected.${this.changes}@families.example.org`
    const [contactId, from] = [this.#someContact(), Date.now()]
    if (this.#keepTheirIds.has(contactId)) return
    const { id } = await this.#act('correct-email', { contactId, email })
    secrets.add(email)
    if (typeof id !== 'string' || id === contactId) return
    truth.move(contactId, id, { from, until: Date.now() })
    main.contactIds.splice(main.contactIds.indexOf(contactId), 1, id)
    for (const guardian of this.#guardians)
      if (guardian.viewer.contactIds.includes(contactId)) await guardian.addId(id)
  }

  async #shareOrUnshare() {
    const shared = this.#unshared.pop()
    if (shared !== undefined) return void (await this.#act('share-student', { studentId: shared }))
    const studentId = this.#pick(this.#roster.main.studentIds)
    await this.#act('unshare-student', { studentId })
    this.#unshared.push(studentId)
  }

  /** Every second one is a guardian that asks for its family all the time. */
  #someContact(): string {
    if (this.#random() < 0.5) return this.#pick(this.#roster.main.contactIds)
    return this.#pick(this.#guardians).viewer.contactIds.at(-1) ?? ''
  }

  #act(action: string, fields: object = {}) {
    return this.#control.act(`/districts/${this.#roster.main.id}/${action}`, fields)
  }

  #pick<Item>(list: readonly Item[]): Item {
    const item = list[Math.floor(this.#random() * list.length)]
    if (item === undefined) throw new Error('there is nothing to pick from')
    return item
  }
}
