import type { CleverClient } from '../clever/client.ts'
import type { CallContext } from '../clever/transport.ts'
import { CleverRangeUnverified } from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import type { Range, Role } from '../model/ranges.ts'
import { idBefore } from '../store/coverage.ts'

/** UNKNOWN: the list is too short to tell. */
export type CursorSemantics = 'COMPARED' | 'LOOKED_UP' | 'UNKNOWN'

/**
 * Whether Clever compares cursors with ids, as it documents, or looks them up. `ids` are the first of a role in ascending
 * order and `lastId` is the last of all. Cost: two calls with cursors that are the id of no user, one if all ids are
 * neighbors. Throws the CleverErrors.
 */
export async function examineCursors(
  client: CleverClient,
  role: Role,
  ids: readonly UserId[],
  lastId: UserId | undefined,
  callContext: () => CallContext,
): Promise<CursorSemantics> {
  if (ids.length < 2 || lastId === undefined) return 'UNKNOWN'
  const afterGap = ids.find((id, i) => i > 0 && ids[i - 1] !== idBefore(id))
  const probes: (readonly [Omit<Range, 'role' | 'limit'>, UserId])[] = [
    [{ direction: 'backwards', beyond: undefined }, lastId],
  ]
  if (afterGap !== undefined) probes.push([{ direction: 'forwards', beyond: idBefore(afterGap) }, afterGap])
  try {
    for (const [range, expected] of probes) {
      const { rows } = await client.range({ role, limit: 1, ...range }, callContext())
      if (rows.at(0)?.id !== expected) return 'LOOKED_UP'
    }
    return 'COMPARED'
  } catch (error) {
    if (error instanceof CleverRangeUnverified) return 'LOOKED_UP'
    throw error
  }
}
