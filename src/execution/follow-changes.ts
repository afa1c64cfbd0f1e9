import { given } from '../../schema/blank-arguments.ts'
import { badInput } from '../../schema/errors.ts'
import { findDistrict, onlyDistrict } from '../../schema/lists.ts'
import type { CallContext } from '../clever/transport.ts'
import type { Change } from '../model/change.ts'
import type { FollowArgs, Request } from '../view/request.ts'
import { untilKnown } from './answer.ts'

/** The changes of the district that the arguments name, or of the only one. Throws BAD_USER_INPUT and the errors of the feed. */
export async function followChanges(
  request: Request,
  { districtId, after, changedAfter }: FollowArgs,
  callContext: () => CallContext,
): Promise<AsyncIterableIterator<Change, undefined>> {
  const named = given(districtId)
  const { result: district } = await untilKnown(request, (view) =>
    named === undefined ? onlyDistrict(view) : findDistrict(view, named),
  )
  if (district === undefined || !('changes' in district))
    throw badInput('The viewer has no district with this `districtId`. The field `districts` lists them.')
  const position = given(after) ?? request.context.lastEventId ?? changedAfter ?? undefined
  return district.changes.follow(position, callContext)
}
