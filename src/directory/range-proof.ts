import type { CleverClient } from '../clever/client.ts'
import { CleverRangeUnproven } from '../clever/errors.ts'
import type { UserId } from '../clever/ids.ts'
import type { Range, RangePage, Role } from '../clever/ranges.ts'
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

  /** A record that is not the first of its list: just below it, only a comparing Clever finds it. */
  async function findWitness(role: Role, { rows }: RangePage, caller: Caller): Promise<UserId | undefined> {
    if (rows.length > 1) return rows.at(-1)?.id
    if (directory.size(role) > 1) return directory.last(role)
    const first = await client.range({ role, direction: 'forwards', beyond: undefined, limit: 2 }, caller)
    return first.rows.length > 1 ? first.rows.at(-1)?.id : undefined
  }

  async function prove(role: Role, page: RangePage, caller: Caller) {
    const witness = await findWitness(role, page, caller)
    // A list of one or none is the same either way.
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
