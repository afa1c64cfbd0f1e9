import type { Call, CallLog } from '../call-log.ts'
import { type Fields, optionalExpression, optionalText } from './input.ts'

export function readCalls(calls: CallLog) {
  return { ...figures(calls), calls: calls.all() }
}

/**
 * The counts without the list of calls, which may be long. `count` counts the calls whose path starts with
 * `path` and whose path and query match `pattern`, as for faults. Throws BadInputError.
 */
export function countCalls(calls: CallLog, fields: Fields) {
  const start = optionalText(fields, 'path') ?? ''
  const pattern = optionalExpression(fields, 'pattern') ?? /^/
  const isMeant = ({ path, query }: Call) =>
    path.startsWith(start) && pattern.test(query ? `${path}?${query}` : path)
  return { ...figures(calls), count: calls.all().filter(isMeant).length, total: calls.count() }
}

function figures(calls: CallLog) {
  return {
    count: calls.count(),
    highestConcurrency: calls.highestConcurrency(),
    busiestWindow: calls.busiestWindow(),
  }
}
