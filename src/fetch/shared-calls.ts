import type { CallContext } from '../clever/transport.ts'
import { waitWithSignal } from '../clever/wait-with-signal.ts'

/** The key of a call to Clever. Requests with the same key share the call. */
export interface Question {
  readonly key: string
  /**
   * The number of rows, or 1. A call with more rows also answers a smaller request, unless it takes much
   * longer.
   */
  readonly size: number
  /** ms since the epoch; a call that was sent before is too old to join. */
  readonly minAsOf: number
}

export type ShareCall = <Value>(
  question: Question,
  callContext: CallContext,
  send: (all: CallContext) => Promise<Value>,
) => Promise<Value>

/** A request does not wait for a page with more than this many times its rows. */
const TOO_LARGE = 10

/** A reason for signals that is made once: an exception for each call would cost more than the rest of this file. */
const URGENT = new DOMException('An interactive request waits.', 'AbortError')

interface UnderWay {
  readonly answer: Promise<unknown>
  readonly waiting: Set<CallContext>
  readonly size: number
  readonly sentAt: number
  readonly giveUp: (why: unknown) => void
  isOver: boolean
  /** Called when an interactive request joins the call, or what waits for the call becomes urgent. */
  readonly hurry: () => void
}

/**
 * Equal reads share one call while it is under way, even from different requests. It goes on until the last
 * waiting request has ended, is paid for by any request that has the allowance, and is as urgent as the most
 * urgent of them. `now`: ms since the epoch.
 */
export function createSharedCalls(now: () => number): ShareCall {
  const underWay = new Map<string, UnderWay>()

  function begin(
    { key, size }: Question,
    first: CallContext,
    send: (all: CallContext) => Promise<unknown>,
  ): UnderWay {
    const waiting = new Set([first])
    const allGone = new AbortController()
    const sentAt = now()
    const end = () => {
      call.isOver = true
      if (underWay.get(key) === call) underWay.delete(key)
    }
    const urgent = new AbortController()
    const answer = send(together(waiting, allGone.signal, urgent.signal, first)).finally(end)
    // Waiting requests receive a failure; when all have ended, nothing waits for it.
    answer.catch(() => {})
    const giveUp = (why: unknown) => {
      end()
      allGone.abort(why)
    }
    const hurry = () => urgent.abort(URGENT)
    const call: UnderWay = { answer, waiting, size, sentAt, giveUp, isOver: false, hurry }
    underWay.set(key, call)
    return call
  }

  return async <Value>(
    question: Question,
    callContext: CallContext,
    send: (all: CallContext) => Promise<Value>,
  ) => {
    const same = underWay.get(question.key)
    const call = same !== undefined && answers(same, question) ? same : begin(question, callContext, send)
    const { urgent } = callContext
    call.waiting.add(callContext)
    if (callContext.priority === 'INTERACTIVE') call.hurry()
    else urgent?.addEventListener('abort', call.hurry, { once: true })
    try {
      // The key says what kind of answer it is.
      return (await waitWithSignal(call.answer, callContext)) as Value
    } finally {
      urgent?.removeEventListener('abort', call.hurry)
      call.waiting.delete(callContext)
      // The reason of the last request: a deadline counts as Clever's failure, but a client that has hung up
      // does not.
      if (call.waiting.size === 0 && !call.isOver) call.giveUp(callContext.signal.reason)
    }
  }
}

function answers(call: UnderWay, { size, minAsOf }: Question): boolean {
  return call.size >= size && call.size <= size * TOO_LARGE && call.sentAt >= minAsOf
}

/** All waiting requests as one call context. */
function together(
  waiting: ReadonlySet<CallContext>,
  signal: AbortSignal,
  urgent: AbortSignal,
  { requestId, trace }: CallContext,
): CallContext {
  const payers: CallContext['allowance'][] = []
  return {
    signal,
    urgent,
    ...(requestId !== undefined && { requestId }),
    ...(trace !== undefined && { trace }),
    get deadline() {
      return Math.max(...[...waiting].map(({ deadline }) => deadline))
    },
    get priority() {
      return [...waiting].some(({ priority }) => priority === 'INTERACTIVE') ? 'INTERACTIVE' : 'BACKGROUND'
    },
    allowance: {
      get remaining() {
        return Math.max(...[...waiting].map(({ allowance }) => allowance.remaining))
      },
      spend() {
        let refusal: unknown
        for (const { allowance } of waiting) {
          try {
            allowance.spend()
            payers.push(allowance)
            return
          } catch (error) {
            refusal = error
          }
        }
        throw refusal
      },
      refund: () => payers.pop()?.refund(),
    },
  }
}
