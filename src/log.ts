import { type DestinationStream, type Logger, pino } from 'pino'
import { createIsoTime } from './iso-time.ts'
import type { OperationSummary, RequestOutcome, RequestSummary } from './model/request-summary.ts'

export type { Logger }

/**
 * The fields of a log line. Other fields are dropped, so that personal data cannot get into a log by
 * accident.
 */
const ALLOWED = new Set([
  'requestId',
  'districtId',
  'route',
  'status',
  'milliseconds',
  'seconds',
  'cleverCalls',
  'port',
  'signal',
  'error',
  'problems',
  'role',
  'rows',
  'of',
  'events',
  'deleted',
  'reason',
  'reasons',
  'failed',
  'issuer',
  'ageSeconds',
  'dropped',
  'kind',
  'shown',
  'limit',
])

/** One JSON object a line, to stdout unless a destination is given. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: describeError },
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(fields).filter(([field]) => ALLOWED.has(field))),
    },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** The log fields of a request. */
export interface RequestLine {
  readonly requestId: string
  /** The trace of the request, if it is recorded. */
  readonly traceId?: string | undefined
  readonly status: string
  readonly outcome: RequestOutcome
  readonly summary: RequestSummary
  readonly milliseconds: number
  readonly cleverCalls: number
}

/**
 * Logs requests. The JSON is built by hand for speed: the fields are fixed, and no value has a character that
 * JSON escapes.
 */
export function createRequestLog(log: Logger): (line: RequestLine) => void {
  if (!log.isLevelEnabled('info')) return () => {}
  const stream = (log as Logger & { readonly [pino.symbols.streamSym]: DestinationStream })[
    pino.symbols.streamSym
  ]
  const isoTime = createIsoTime()
  return (line) => {
    const { requestId, status, outcome, summary, milliseconds, cleverCalls } = line
    const trace = line.traceId === undefined ? '' : `,"traceId":"${line.traceId}"`
    const operation = summary.operation === undefined ? '' : operationAsJson(summary.operation)
    const codes = summary.codes.length === 0 ? '' : `,"codes":${namesAsJson(summary.codes)}`
    const districts =
      summary.districtCount === 0
        ? ''
        : `,"districtIds":${namesAsJson(summary.districtIds)},"districtCount":${summary.districtCount}`
    stream.write(
      `{"level":"info","time":"${isoTime(Date.now())}","requestId":"${requestId}"${trace},"status":"${status}","outcome":"${outcome}"${codes},"principalKind":"${summary.principal}"${operation}${districts},"milliseconds":${milliseconds},"cleverCalls":${cleverCalls},"rounds":${summary.rounds},"msg":"request"}\n`,
    )
  }
}

function operationAsJson({ name, type, documentHash }: OperationSummary): string {
  const named = name === undefined ? '' : `,"operation":"${name}"`
  return `${named},"operationType":"${type}","documentHash":"${documentHash}"`
}

function namesAsJson(names: readonly string[]): string {
  return `["${names.join('","')}"]`
}

/** The place where an error came from, without its message, which may quote personal data. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { name: typeof error }
  // The stack begins with the message, which may have lines that look like frames.
  const stack = error.stack ?? ''
  const begin = stack.indexOf(error.message)
  const frames =
    begin < 0
      ? []
      : stack
          .slice(begin + error.message.length)
          .split('\n')
          .filter((line) => line.startsWith('    at '))
  return { name: error.name, at: frames.slice(0, 8).map((frame) => frame.trim()) }
}
