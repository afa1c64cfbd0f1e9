import { hash } from 'node:crypto'
import { inferEntry } from '../quality/inference.ts'
import type { RelationshipEntry } from './records.ts'

/** Everything that follows from the two words of a relationship entry, computed once for each pair of words. */
export interface RelationshipWords {
  readonly relationship: RelationshipEntry['relationship']['value']
  readonly relationshipIsInferred: boolean
  readonly relationshipRaw: string | undefined
  readonly type: RelationshipEntry['type']['value']
  readonly typeIsInferred: boolean
  readonly typeRaw: string | undefined
  /** The part of a relationship id that stands for the words. */
  readonly digest: string
}

/** Pairs of words kept in memory. Districts write a few hundred; a district that writes more is served without the cache. */
const MAX_INTERNED = 10_000

const interned = new Map<string, RelationshipWords>()

/** The same object for the same words. Costs one map lookup once a pair of words is known. */
export function wordsOf(entry: RelationshipEntry): RelationshipWords {
  const key = `${entry.relationship.raw ?? ''}\0${entry.type.raw ?? ''}`
  const known = interned.get(key)
  if (known !== undefined) return known
  const words = readWords(entry)
  if (interned.size < MAX_INTERNED) interned.set(key, words)
  return words
}

function readWords(entry: RelationshipEntry): RelationshipWords {
  const { relationship, type } = inferEntry(entry)
  const [relationshipRaw, typeRaw] = [entry.relationship.raw, entry.type.raw]
  return {
    relationship: relationship.value,
    relationshipIsInferred: relationship.isInferred,
    relationshipRaw,
    type: type.value,
    typeIsInferred: type.isInferred,
    typeRaw,
    digest: hash('sha256', JSON.stringify([typeRaw, relationshipRaw]), 'base64url').slice(0, 8),
  }
}
