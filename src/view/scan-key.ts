import { createHash } from 'node:crypto'
import type { Overrides } from '../access/overrides.ts'
import type { Role } from '../model/ranges.ts'
import type { ScanRequest } from './scan.ts'
import type { View } from './view.ts'

const numbers = new WeakMap<Overrides, number>()
let lastNumber = 0

/**
 * Equal for lists of the same records that are seen by the same decisions. Between two attempts of a request, an override or the
 * viewer's own record may change: what a scan found by earlier decisions is not an answer any more. Short, and without personal data.
 */
export function sourceKey<R extends Role>(view: View, source: ScanRequest<R>['source']): string {
  if ('districtId' in source) return source.districtId
  const { facts, rules } = view.viewer
  const { overrides, now } = rules
  const decidedBy = [numberOf(overrides), overrides.validUntil(now), facts?.contacts]
  return createHash('sha256')
    .update(JSON.stringify([source.ids, ...decidedBy]))
    .digest('base64')
}

function numberOf(overrides: Overrides): number {
  const known = numbers.get(overrides)
  if (known !== undefined) return known
  lastNumber += 1
  numbers.set(overrides, lastNumber)
  return lastNumber
}
