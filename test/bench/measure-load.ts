import { type BenchClever, isUsers } from './clever.ts'
import { type Graph, untilLoaded } from './graphs.ts'

export interface LoadCost {
  /** From the first call for users until the gateway knows both roles. */
  readonly ms: number
  /** All calls until then, also those for events. */
  readonly calls: number
  /** Since the epoch. ms */
  readonly from: number
  readonly to: number
}

/** The cost of a load that has begun, or begins now. `districtId` where the gateway has several. */
export async function measureLoad(
  clever: BenchClever,
  gateway: Graph,
  districtId?: string,
): Promise<LoadCost> {
  await untilLoaded(gateway, districtId)
  const to = Date.now()
  const calls = await clever.calls()
  const first = calls.find(isUsers)
  if (first === undefined) throw new Error('the gateway has not asked for users')
  return { ms: to - first.at, calls: calls.filter(({ at }) => at <= to).length, from: first.at, to }
}
