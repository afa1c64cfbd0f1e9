import type { Caller } from '../clever/transport.ts'
import { whileWaiting } from '../clever/wait-with-signal.ts'

/** What is asked of Clever, so that who asks for the same joins in. */
export interface Question {
  readonly key: string
  /** Rows, or 1. A larger answer to the same question does for a smaller one, unless it takes much longer. */
  readonly size: number
  /** ms since the epoch; a call that was sent before is too old to join. */
  readonly notBefore: number
}

export type ShareCall = <Value>(
  question: Question,
  caller: Caller,
  send: (all: Caller) => Promise<Value>,
) => Promise<Value>

/** A page of so many times the rows takes too long to be waited for. */
const TOO_LARGE = 10

interface UnderWay {
  readonly answer: Promise<unknown>
  readonly waiting: Set<Caller>
  readonly size: number
  readonly sentAt: number
  readonly giveUp: (why: unknown) => void
  /** Somebody waits who cannot wait long. */
  readonly hurry: () => void
}

/**
 * The same question, asked while it is under way, is one call, also across requests. It goes on until the last who waits
 * has gone, is paid for by whoever has the allowance, and is as urgent as the most urgent of them. `now`: ms since the epoch.
 */
export function createSharedCalls(now: () => number): ShareCall {
  const underWay = new Map<string, UnderWay>()

  function begin({ key, size }: Question, first: Caller, send: (all: Caller) => Promise<unknown>): UnderWay {
    const waiting = new Set([first])
    const everybodyGone = new AbortController()
    const sentAt = now()
    const end = () => {
      if (underWay.get(key) === call) underWay.delete(key)
    }
    const urgent = new AbortController()
    const answer = send(together(waiting, everybodyGone.signal, urgent.signal)).finally(end)
    // Whoever waits hears of a failure; when all have gone, nobody has to.
    answer.catch(() => {})
    const giveUp = (why: unknown) => {
      end()
      everybodyGone.abort(why)
    }
    const call: UnderWay = { answer, waiting, size, sentAt, giveUp, hurry: () => urgent.abort() }
    underWay.set(key, call)
    return call
  }

  return async <Value>(question: Question, caller: Caller, send: (all: Caller) => Promise<Value>) => {
    const same = underWay.get(question.key)
    const call = same !== undefined && answers(same, question) ? same : begin(question, caller, send)
    call.waiting.add(caller)
    if (caller.priority === 'INTERACTIVE') call.hurry()
    try {
      // The key says what kind of answer it is.
      return (await whileWaiting(call.answer, caller)) as Value
    } finally {
      call.waiting.delete(caller)
      // The last one's reason: a deadline is Clever's failure, a hang-up is nobody's.
      if (call.waiting.size === 0) call.giveUp(caller.signal.reason)
    }
  }
}

function answers(call: UnderWay, { size, notBefore }: Question): boolean {
  return call.size >= size && call.size <= size * TOO_LARGE && call.sentAt >= notBefore
}

/** All who wait, as one caller. */
function together(waiting: ReadonlySet<Caller>, signal: AbortSignal, urgent: AbortSignal): Caller {
  const payers: Caller['ledger'][] = []
  return {
    signal,
    urgent,
    get deadline() {
      return Math.max(...[...waiting].map(({ deadline }) => deadline))
    },
    get priority() {
      return [...waiting].some(({ priority }) => priority === 'INTERACTIVE') ? 'INTERACTIVE' : 'BACKGROUND'
    },
    ledger: {
      get left() {
        return Math.max(...[...waiting].map(({ ledger }) => ledger.left))
      },
      spend() {
        let refusal: unknown
        for (const { ledger } of waiting) {
          try {
            ledger.spend()
            payers.push(ledger)
            return
          } catch (error) {
            refusal = error
          }
        }
        throw refusal
      },
      giveBack: () => payers.pop()?.giveBack(),
    },
  }
}
