import { flatCopy } from '../model/ids.ts'
import { ID_WORDS, readId, writeId } from './id-words.ts'
import { ShardedTable } from './sharded-table.ts'
import { mixBits } from './slot-table.ts'

/** An index of the contacts of each student, because only contacts name the students. All ids are ObjectIds. */
export interface ContactsByStudent {
  /** In ascending order. */
  contactsOf(studentId: string): readonly string[]
  /** The students of one contact, each once: before, exactly as the index has them, and after. */
  change(contactId: string, before: readonly string[], after: readonly string[]): void
  readonly bytes: number
}

/**
 * The pairs of one student in the table, which are beside each other. Each search passes them, so further ones
 * are kept apart.
 */
const MAX_PAIRS_IN_TABLE = 16
/** The bytes of a further pair: an id and its place in a set. Measured; docs/performance.md has the figures. */
const FURTHER_PAIR_BYTES = 90

/** A change costs about 2 µs for each pair, however many contacts a student has. */
export function createContactsByStudent(): ContactsByStudent {
  const pairs = new ShardedTable(2 * ID_WORDS, hashOfStudent)
  const furtherContacts = new Map<string, Set<string>>()
  let furtherPairs = 0
  /** The words of a student, and then those of a contact. */
  const key = new Uint32Array(2 * ID_WORDS)

  /** Visits the pairs of the student in `key`, whose hash is given. */
  function visitPairs(hash: number, each: (words: Uint32Array, contactAt: number) => void) {
    pairs.visit(hash, (words, at) => {
      const isStudent = words[at + 2] === key[2] && words[at + 1] === key[1] && words[at] === key[0]
      if (isStudent) each(words, at + ID_WORDS)
    })
  }

  function add(studentId: string, contactId: string) {
    const hash = hashOfStudent(key, 0)
    let count = 0
    visitPairs(hash, () => {
      count += 1
    })
    if (count < MAX_PAIRS_IN_TABLE) pairs.set(key, hash, 1)
    else {
      const contacts = furtherContacts.get(studentId) ?? new Set()
      furtherContacts.set(flatCopy(studentId), contacts.add(flatCopy(contactId)))
      furtherPairs += 1
    }
  }

  function remove(studentId: string, contactId: string) {
    const contacts = furtherContacts.get(studentId)
    if (contacts?.delete(contactId)) {
      furtherPairs -= 1
      if (contacts.size === 0) furtherContacts.delete(studentId)
    } else pairs.set(key, hashOfStudent(key, 0), 0)
  }

  return {
    contactsOf(studentId) {
      writeId(studentId, key, 0)
      const contacts: string[] = []
      visitPairs(hashOfStudent(key, 0), (words, contactAt) => contacts.push(readId(words, contactAt)))
      for (const contact of furtherContacts.get(studentId) ?? []) contacts.push(contact)
      return contacts.sort()
    },
    change(contactId, before, after) {
      writeId(contactId, key, ID_WORDS)
      for (const student of without(before, after)) {
        writeId(student, key, 0)
        remove(student, contactId)
      }
      for (const student of without(after, before)) {
        writeId(student, key, 0)
        add(student, contactId)
      }
    },
    get bytes() {
      return pairs.bytes + furtherPairs * FURTHER_PAIR_BYTES
    },
  }
}

/** The ids of a list that another list does not have. */
function without(ids: readonly string[], others: readonly string[]): readonly string[] {
  if (ids.length === 0 || others.length === 0) return ids
  const known = new Set(others)
  return ids.filter((id) => !known.has(id))
}

function hashOfStudent(words: Uint32Array, at: number): number {
  const front = Math.imul((words[at] ?? 0) ^ mixBits(words[at + 1] ?? 0), 0x9e3779b1)
  return mixBits(front ^ (words[at + 2] ?? 0))
}
