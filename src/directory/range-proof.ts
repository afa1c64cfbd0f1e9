import type { CleverClient } from '../clever/client.ts'
import { CleverRangeUnproven } from '../clever/errors.ts'
import type { UserId } from '../clever/ids.ts'
import type { Range, RangePage, Role, Row } from '../clever/ranges.ts'
import type { Caller } from '../clever/transport.ts'
import { before } from './coverage.ts'
import type { Directory } from './directory.ts'

/**
 * Whether Clever compares cursors with ids, as it documents, or looks them up. It matters where we make one up: an empty
 * page beyond it, or the last page of a list, would then say what is not so.
 */
export interface RangeProof {
  readonly state: 'UNPROVEN' | 'PROVEN' | 'BROKEN'
  /**
   * Throws CleverRangeUnproven for a page that cannot be believed. Once in a district's life it costs one or two calls to
   * find out.
   */
  check(range: Range, page: RangePage, caller: Caller): Promise<void>
  /** Somebody has seen that cursors are looked up. */
  disprove(): void
}

/** `onBroken` is told once. */
export function createRangeProof(
  client: CleverClient,
  directory: Directory,
  onBroken: () => void,
): RangeProof {
  let state: RangeProof['state'] = 'UNPROVEN'
  let proving: Promise<void> | undefined

  function disprove() {
    if (state !== 'BROKEN') onBroken()
    state = 'BROKEN'
  }

  function isDoubtful({ role, direction, beyond }: Range, { rows }: RangePage): boolean {
    if (beyond === undefined) return direction === 'backwards'
    const isHeld = directory.find(role, beyond as UserId, Number.NEGATIVE_INFINITY)?.value !== undefined
    return rows.length === 0 && !isHeld
  }

  /**
   * A record with others of its list below it, but not just below: there only a comparing Clever finds it. Undefined for a
   * list of one or none, which is the same either way.
   */
  async function findWitness(role: Role, { rows }: RangePage, caller: Caller): Promise<UserId | undefined> {
    // By what was just read: a record that is known from before may be gone, and its absence would be no proof.
    const near = aboveGap(rows)
    if (near !== undefined) return near
    const first = await client.range({ role, direction: 'forwards', beyond: undefined, limit: 100 }, caller)
    if (first.rows.length < 2) return undefined
    const witness = aboveGap(first.rows)
    if (witness === undefined) throw new CleverRangeUnproven('no gap among the ids')
    return witness
  }

  async function prove(role: Role, page: RangePage, caller: Caller) {
    const witness = await findWitness(role, page, caller)
    if (witness === undefined) return
    const beyond = before(witness)
    const { rows } = await client.range({ role, direction: 'forwards', beyond, limit: 1 }, caller)
    if (rows.length === 0) return disprove()
    state = 'PROVEN'
  }

  return {
    get state() {
      return state
    },
    async check(range, page, caller) {
      if (state === 'PROVEN' || !isDoubtful(range, page)) return
      if (state === 'UNPROVEN') {
        proving ??= prove(range.role, page, caller).finally(() => {
          proving = undefined
        })
        await proving
      }
      if (state === 'BROKEN') throw new CleverRangeUnproven('a page beyond a cursor that was looked up')
    },
    disprove,
  }
}

/** Clever makes ids by counting, so that two may be neighbours. */
function aboveGap(rows: readonly Row[]): UserId | undefined {
  return rows.findLast(({ id }, i) => i > 0 && rows[i - 1]?.id !== before(id))?.id
}
