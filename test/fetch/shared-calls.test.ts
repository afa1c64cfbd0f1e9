import { describe, expect, it } from 'vitest'
import type { CallContext } from '../../src/clever/transport.ts'
import { createSharedCalls, type Question } from '../../src/fetch/shared-calls.ts'
import { CallAllowance, CallAllowanceExceeded } from '../../src/model/call-allowance.ts'
import { CleverUnavailable } from '../../src/model/clever-errors.ts'

const QUESTION: Question = { key: 'who is it', size: 1, minAsOf: 0 }

interface Waiting extends CallContext {
  readonly allowance: CallAllowance
  leave(reason?: Error): void
}

function callContext({
  most = 10,
  deadline = 1_000,
  priority = 'INTERACTIVE' as CallContext['priority'],
} = {}): Waiting {
  const gone = new AbortController()
  return {
    deadline,
    priority,
    signal: gone.signal,
    allowance: new CallAllowance(most),
    leave: (reason = new DOMException('gone', 'AbortError')) => gone.abort(reason),
  }
}

/** Calls that are under way until a test ends them. */
function begin() {
  let now = 100
  const sent: { readonly all: CallContext; readonly answer: PromiseWithResolvers<string> }[] = []
  const share = createSharedCalls(() => now)
  return {
    sent,
    setClock: (to: number) => {
      now = to
    },
    ask: (who: CallContext, question: Partial<Question> = {}) =>
      share({ ...QUESTION, ...question }, who, (all) => {
        const answer = Promise.withResolvers<string>()
        sent.push({ all, answer })
        return answer.promise
      }),
    /** The only call, or the one that was sent then. */
    call: (n = 0) => sent[n] ?? expect.unreachable(),
  }
}

describe('the same question', () => {
  it('is one call for all who ask while it is under way', async () => {
    const { ask, sent, call } = begin()
    const answers = [ask(callContext()), ask(callContext()), ask(callContext())]
    call().answer.resolve('she')
    expect(await Promise.all(answers)).toEqual(['she', 'she', 'she'])
    expect(sent).toHaveLength(1)
  })

  it('is asked again when it has been answered', async () => {
    const { ask, sent, call } = begin()
    const first = ask(callContext())
    call().answer.resolve('she')
    await first
    const second = ask(callContext())
    call(1).answer.resolve('he')
    expect(await second).toBe('he')
    expect(sent).toHaveLength(2)
  })

  it('is another to whom the call was sent too early', async () => {
    const { ask, sent, setClock } = begin()
    const first = ask(callContext())
    setClock(200)
    void ask(callContext(), { minAsOf: 150 })
    expect(sent).toHaveLength(2)
    sent.forEach(({ answer }, n) => {
      answer.resolve(String(n))
    })
    expect(await first).toBe('0')
  })

  it('of a larger answer does for a smaller one, and not the other way round', async () => {
    const { ask, sent } = begin()
    const asked = [
      ask(callContext(), { size: 5 }),
      ask(callContext(), { size: 3 }),
      ask(callContext(), { size: 9 }),
    ]
    expect(sent).toHaveLength(2)
    sent.forEach(({ answer }, n) => {
      answer.resolve(String(n))
    })
    expect(await Promise.all(asked)).toEqual(['0', '0', '1'])
  })

  it('that fails, fails for all of them, and is asked again by the next', async () => {
    const { ask, sent, call } = begin()
    const answers = [ask(callContext()), ask(callContext())]
    call().answer.reject(new CleverUnavailable('down'))
    for (const answer of answers) await expect(answer).rejects.toBeInstanceOf(CleverUnavailable)
    const next = ask(callContext())
    call(1).answer.resolve('she')
    expect([await next, sent.length]).toEqual(['she', 2])
  })
})

describe('a request that ends', () => {
  it('ends nothing for those who stay', async () => {
    const { ask, call } = begin()
    const [first, second] = [callContext(), callContext()]
    const [gone, stays] = [ask(first), ask(second)]
    first.leave()
    await expect(gone).rejects.toThrow('gone')
    expect(call().all.signal.aborted).toBe(false)
    call().answer.resolve('she')
    expect(await stays).toBe('she')
  })

  it('as the last ends the call, and the next to ask begins another', async () => {
    const { ask, sent, call } = begin()
    const both = [callContext(), callContext()]
    const asked = both.map((each) => ask(each))
    for (const each of both) each.leave()
    await Promise.allSettled(asked)
    expect(call().all.signal.aborted).toBe(true)
    const next = ask(callContext())
    call(1).answer.resolve('he')
    call(0).answer.resolve('she')
    expect([await next, sent.length]).toEqual(['he', 2])
  })

  it('before asking gets an error, and leaves no call behind', async () => {
    const { ask, sent } = begin()
    const who = callContext()
    who.leave()
    await expect(ask(who)).rejects.toThrow('gone')
    for (const { all } of sent) expect(all.signal.aborted).toBe(true)
  })

  it('at the deadline has timed out, and the others wait on', async () => {
    const { ask, call } = begin()
    const hurried = callContext()
    const [timedOut, patient] = [ask(hurried), ask(callContext({ deadline: 9_000 }))]
    hurried.leave(new DOMException('late', 'TimeoutError'))
    await expect(timedOut).rejects.toMatchObject({ name: 'CleverTimedOut' })
    call().answer.resolve('she')
    expect(await patient).toBe('she')
  })
})

describe('a call of several', () => {
  it('may take until the latest of their deadlines', () => {
    const { ask, call } = begin()
    void ask(callContext({ deadline: 1_000 }))
    expect(call().all.deadline).toBe(1_000)
    void ask(callContext({ deadline: 5_000 }))
    void ask(callContext({ deadline: 3_000 }))
    expect(call().all.deadline).toBe(5_000)
  })

  it('is as urgent as the most urgent of those who wait', async () => {
    const { ask, call } = begin()
    const urgent = callContext()
    void ask(callContext({ priority: 'BACKGROUND' }))
    expect(call().all.priority).toBe('BACKGROUND')
    const asked = ask(urgent)
    expect(call().all.priority).toBe('INTERACTIVE')
    urgent.leave()
    await asked.catch(() => {})
    expect(call().all.priority).toBe('BACKGROUND')
  })

  it('is urgent, where it is a part of another, as soon as a request waits for the whole', async () => {
    const share = createSharedCalls(() => 100)
    const answer = Promise.withResolvers<string>()
    const parts: CallContext[] = []
    const ask = (who: CallContext) =>
      share({ ...QUESTION, key: 'the whole' }, who, (all) =>
        share({ ...QUESTION, key: 'a part' }, all, (part) => {
          parts.push(part)
          return answer.promise
        }),
      )
    const background = ask(callContext({ priority: 'BACKGROUND' }))
    const [part = expect.unreachable()] = parts
    expect([part.priority, part.urgent?.aborted]).toEqual(['BACKGROUND', false])
    const request = ask(callContext())
    expect([part.priority, part.urgent?.aborted]).toEqual(['INTERACTIVE', true])
    answer.resolve('she')
    expect(await Promise.all([background, request])).toEqual(['she', 'she'])
    expect(parts).toHaveLength(1)
  })

  it('is paid for once, by the first who can', () => {
    const { ask, call } = begin()
    const [poor, rich] = [callContext({ most: 0 }), callContext({ most: 2 })]
    void ask(poor)
    void ask(rich)
    const { allowance } = call().all
    expect(allowance.remaining).toBe(2)
    allowance.spend()
    expect([poor.allowance.calls, rich.allowance.calls, allowance.remaining]).toEqual([0, 1, 1])
    allowance.refund()
    expect([poor.allowance.calls, rich.allowance.calls]).toEqual([0, 0])
  })

  it('fails only when no request can pay any more', () => {
    const { ask, call } = begin()
    void ask(callContext({ most: 0 }))
    void ask(callContext({ most: 1 }))
    const { allowance } = call().all
    allowance.spend()
    expect(() => allowance.spend()).toThrow(CallAllowanceExceeded)
  })

  it('begun by a request whose allowance is spent is paid for by a request that joins', async () => {
    const share = createSharedCalls(() => 100)
    const [poor, rich] = [callContext({ most: 0 }), callContext({ most: 1 })]
    const send = async (all: CallContext) => {
      await Promise.resolve()
      all.allowance.spend()
      return 'she'
    }
    const answers = [share(QUESTION, poor, send), share(QUESTION, rich, send)]
    expect(await Promise.all(answers)).toEqual(['she', 'she'])
    expect(rich.allowance.calls).toBe(1)
  })
})
