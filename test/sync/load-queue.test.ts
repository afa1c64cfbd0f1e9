import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ASKED_MS,
  LoadQueue,
  MAX_PAUSE_MS,
  type MemoryRoom,
  OVERDUE_MS,
  STARTS_BETWEEN_OVERDUE,
} from '../../src/sync/load-queue.ts'

const PLENTY: MemoryRoom = { records: 1_000_000_000, left: 1_000_000_000 }
const FIRST_PAUSE_MS = 30_000
const PAGE_ROWS = 10_000

interface Offered {
  readonly rows?: number
  readonly held?: number
  readonly askedAt?: number
}

function createQueue(places: number, offers: Readonly<Record<string, Offered>> = {}) {
  const queue = new LoadQueue<string>(places, FIRST_PAUSE_MS)
  for (const [name, { rows, held = 0, askedAt }] of Object.entries(offers))
    queue.offer(name, { rows, held, askedAt }, 0)
  return queue
}

/** Starts all loads, one after the other. */
function orderOf(queue: LoadQueue<string>, now = 1_000, memory = PLENTY): readonly string[] {
  const order: string[] = []
  for (let next = queue.start(now, memory); next !== undefined; next = queue.start(now, memory)) {
    order.push(next)
    queue.end(next, 'DONE', now, 0)
  }
  return order
}

describe('full loads start', () => {
  it('for districts that were asked for first, the latest first, then small before large', () => {
    const queue = createQueue(1, {
      large: { rows: 900_000 },
      unknown: {},
      small: { rows: 100 },
      asked: { rows: 2_000_000, askedAt: 10 },
      'asked later': { rows: 3_000_000, askedAt: 20 },
    })
    expect(orderOf(queue)).toEqual(['asked later', 'asked', 'small', 'large', 'unknown'])
  })

  it('sooner when a request asks for a district that waits', () => {
    const queue = createQueue(1, { small: { rows: 1 }, middle: { rows: 2 }, large: { rows: 3 } })
    expect(queue.start(1, PLENTY)).toBe('small')
    queue.ask('large', 2)
    expect(orderOf(queue)).toEqual([])
    queue.end('small', 'DONE', 3, 0)
    expect(orderOf(queue)).toEqual(['large', 'middle'])
  })

  it('in the order in which they were offered, if nothing else differs', () => {
    expect(orderOf(createQueue(1, { first: {}, second: {}, third: {} }))).toEqual([
      'first',
      'second',
      'third',
    ])
  })

  it('as if a district had not been asked for when the last request was an hour ago', () => {
    const queue = createQueue(1, { asked: { rows: 2, askedAt: 0 }, small: { rows: 1 } })
    expect(queue.start(ASKED_MS, PLENTY)).toBe('small')
  })

  it('at most for as many districts as there are places', () => {
    const queue = createQueue(2, { a: { askedAt: 1 }, b: { askedAt: 1 }, c: { askedAt: 1 } })
    expect([0, 1, 2].map(() => queue.start(1, PLENTY))).toEqual(['a', 'b', undefined])
    queue.end('a', 'DONE', 2, 0)
    expect(queue.start(2, PLENTY)).toBe('c')
  })

  it('again for a district that is offered again, and not for one that was withdrawn', () => {
    const queue = createQueue(1, { a: {}, b: {} })
    queue.withdraw('a')
    expect([orderOf(queue), queue.state('a', 1)]).toEqual([['b'], undefined])
    queue.offer('a', { rows: 1, held: 0, askedAt: undefined }, 2)
    expect(orderOf(queue, 3)).toEqual(['a'])
  })
})

describe('a full load that waits for ten minutes', () => {
  it('starts after at most three others, however many are asked for', () => {
    const queue = createQueue(1, { large: { rows: 1_000_000 } })
    const started: string[] = []
    for (let n = 0; n < 6; n += 1) {
      queue.offer(`asked ${n}`, { rows: 1, held: 0, askedAt: OVERDUE_MS }, OVERDUE_MS - 1)
      const next = queue.start(OVERDUE_MS, PLENTY) ?? expect.unreachable()
      started.push(next)
      queue.end(next, 'DONE', OVERDUE_MS, 0)
    }
    expect(started.indexOf('large')).toBe(STARTS_BETWEEN_OVERDUE)
  })

  it('keeps its place when others are asked for', () => {
    const queue = createQueue(1, { a: {}, b: {}, c: {}, d: {} })
    for (const _ of 'abc') queue.end(queue.start(1, PLENTY) ?? '', 'DONE', 1, 0)
    expect(queue.start(OVERDUE_MS, PLENTY)).toBe('d')
    queue.offer('asked', { rows: 1, held: 0, askedAt: OVERDUE_MS }, OVERDUE_MS)
    expect(queue.mustYield('d', PAGE_ROWS, OVERDUE_MS)).toBe(false)
  })
})

describe('a full load that nothing has asked for', () => {
  it('yields its place, after a page, to a district that was asked for, and then goes on', () => {
    const queue = createQueue(1, { large: { rows: 50_000 }, other: { rows: 40_000 } })
    queue.withdraw('other')
    queue.start(1, PLENTY)
    expect(queue.mustYield('large', PAGE_ROWS, 2)).toBe(false)
    queue.offer('other', { rows: 40_000, held: 0, askedAt: undefined }, 3)
    expect(queue.mustYield('large', PAGE_ROWS, 4)).toBe(false)
    queue.ask('other', 5)
    expect(queue.mustYield('large', PAGE_ROWS, 6)).toBe(true)
    queue.end('large', 'YIELDED', 6, 0)
    expect([queue.start(6, PLENTY), queue.state('large', 6)]).toEqual(['other', { kind: 'WAITING' }])
    queue.end('other', 'DONE', 7, 0)
    expect(queue.start(7, PLENTY)).toBe('large')
  })

  it('keeps its place when a request asks for it too', () => {
    const queue = createQueue(1, { large: { rows: 50_000 }, other: { rows: 40_000 } })
    queue.withdraw('large')
    queue.start(1, PLENTY)
    queue.offer('large', { rows: 50_000, held: 0, askedAt: 2 }, 2)
    queue.ask('other', 3)
    expect(queue.mustYield('other', PAGE_ROWS, 4)).toBe(false)
  })

  it('yields one place for each district that was asked for', () => {
    const queue = createQueue(2, { a: {}, b: {} })
    queue.start(1, PLENTY)
    queue.start(1, PLENTY)
    queue.offer('asked', { rows: 1, held: 0, askedAt: 2 }, 2)
    expect([queue.mustYield('a', 1, 3), queue.mustYield('b', 1, 3)]).toEqual([true, false])
  })
})

describe('the memory that is left', () => {
  it('holds back a load that nothing has asked for and that does not fit, and no smaller one', () => {
    const queue = createQueue(1, {
      fits: { rows: 900 },
      'too large': { rows: 1_100 },
      'half there': { rows: 1_100, held: 200 },
    })
    const memory = { records: 5_000, left: 1_000 }
    expect(['fits', 'too large', 'half there'].map((name) => queue.lacksMemory(name, 1, memory))).toEqual([
      false,
      true,
      false,
    ])
    expect(orderOf(queue, 1, memory)).toEqual(['fits', 'half there'])
    queue.ask('too large', 2)
    expect(queue.lacksMemory('too large', 2, memory)).toBe(false)
  })

  it('does not hold back one that was asked for, because others can be evicted', () => {
    const queue = createQueue(1, { asked: { rows: 1_100, askedAt: 1 } })
    expect(orderOf(queue, 1, { records: 5_000, left: 0 })).toEqual(['asked'])
  })

  it('is never promised to two loads', () => {
    const memory = { records: 2_000, left: 2_000 }
    const queue = createQueue(2, { a: { rows: 1_200 }, b: { rows: 1_300 } })
    expect([queue.start(1, memory), queue.start(1, memory)]).toEqual(['a', undefined])
    queue.ask('b', 2)
    expect(queue.start(2, memory)).toBeUndefined()
    queue.end('a', 'DONE', 3, 0)
    expect(queue.start(3, { records: 2_000, left: 800 })).toBe('b')
  })

  it('is kept for a load that was asked for and waits for the others to end', () => {
    const memory = { records: 2_000, left: 2_000 }
    const queue = createQueue(3, {
      a: { rows: 1_200, askedAt: 1 },
      b: { rows: 1_300, askedAt: 0 },
      small: { rows: 1 },
    })
    expect([queue.start(1, memory), queue.start(1, memory)]).toEqual(['a', undefined])
  })
})

describe('a full load that fails', () => {
  it('pauses twice as long after each failure, with jitter, up to ten minutes, and holds no place', () => {
    const queue = createQueue(1, { failing: { askedAt: 0 } })
    const pauses = [0, 1, 2, 3, 4, 5, 6].map((n) => {
      const now = n * 10 * MAX_PAUSE_MS
      queue.ask('failing', now)
      expect(queue.start(now, PLENTY)).toBe('failing')
      const pause = queue.end('failing', 'FAILED', now, n % 2) ?? 0
      expect(queue.state('failing', now)).toEqual({ kind: 'PAUSED', until: now + pause })
      expect(queue.start(now + pause - 1, PLENTY)).toBeUndefined()
      return pause
    })
    expect(pauses).toEqual([15, 60, 60, 240, 240, 600, 300].map((seconds) => seconds * 1_000))
  })

  it('lets another start at once', () => {
    const queue = createQueue(1, { failing: { askedAt: 1 }, other: {} })
    queue.start(1, PLENTY)
    queue.end('failing', 'FAILED', 2, 0)
    expect(queue.start(2, PLENTY)).toBe('other')
  })

  it('begins again with a short pause when a page was read in between', () => {
    const queue = createQueue(1, { slow: {} })
    const fail = (now: number) => queue.end(queue.start(now, PLENTY) ?? '', 'FAILED', now, 0)
    expect([fail(0), fail(100_000)]).toEqual([15_000, 30_000])
    queue.start(200_000, PLENTY)
    queue.mustYield('slow', PAGE_ROWS, 200_000)
    expect(queue.end('slow', 'FAILED', 200_001, 0)).toBe(15_000)
  })

  it('does not pause on when Clever answers again', () => {
    const queue = createQueue(1, { failing: {} })
    queue.start(0, PLENTY)
    queue.end('failing', 'FAILED', 0, 0)
    queue.resume('failing', 1)
    expect(queue.start(1, PLENTY)).toBe('failing')
  })
})

/** What the queue was told of one district, beside the queue. */
interface Told {
  rows: number | undefined
  askedAt: number | undefined
  /** Undefined while it is withdrawn. */
  since: number | undefined
  until: number
  isRunning: boolean
}

const key = fc.constantFrom(...Array.from({ length: 12 }, (_, n) => `district ${n}`))
const step = fc.oneof(
  fc.record({ kind: fc.constant('offer'), key, rows: fc.option(fc.nat(100_000), { nil: undefined }) }),
  fc.record({
    kind: fc.constantFrom('ask', 'withdraw', 'page', 'done', 'fail'),
    key,
    rows: fc.constant(undefined),
  }),
)
const passed = fc.oneof({ weight: 20, arbitrary: fc.nat(10_000) }, fc.nat(OVERDUE_MS))
const steps = fc.array(fc.tuple(step, passed), { maxLength: 120 })

/** A queue whose promises are checked at each start. */
class CheckedQueue {
  readonly #places: number
  readonly #memory: MemoryRoom
  readonly #queue: LoadQueue<string>
  readonly #told = new Map<string, Told>()
  #now = 0
  /** Since a load last went before one that was asked for. */
  #startsInOrder = 0

  constructor(places: number, memory: MemoryRoom) {
    this.#places = places
    this.#memory = memory
    this.#queue = createQueue(places)
  }

  take({ kind, key: name, rows }: { kind: string; key: string; rows: number | undefined }, passed: number) {
    this.#now += passed
    const told = this.#told.get(name)
    if (kind === 'offer') this.#offer(name, rows)
    else if (kind === 'ask') {
      this.#queue.ask(name, this.#now)
      if (told !== undefined) told.askedAt = this.#now
    } else if (told?.isRunning) this.#goOn(name, told, kind)
    else if (kind === 'withdraw') {
      this.#queue.withdraw(name)
      if (told !== undefined) told.since = undefined
    }
    this.#start()
  }

  #offer(name: string, rows: number | undefined) {
    const told = this.#told.get(name)
    this.#queue.offer(name, { rows, held: 0, askedAt: undefined }, this.#now)
    if (told === undefined)
      this.#told.set(name, { rows, askedAt: undefined, since: this.#now, until: 0, isRunning: false })
    else {
      told.since ??= this.#now
      if (!told.isRunning) told.rows = rows
    }
  }

  #goOn(name: string, told: Told, kind: string) {
    const mustYield = kind === 'page' && this.#queue.mustYield(name, 0, this.#now)
    if (mustYield) expect(this.#isAsked(told)).toBe(false)
    if (kind === 'done') this.#told.delete(name)
    else if (kind === 'fail' || mustYield) told.isRunning = false
    const ends = { done: 'DONE', fail: 'FAILED', page: mustYield ? 'YIELDED' : undefined } as const
    const how = ends[kind as keyof typeof ends]
    const pause = how && this.#queue.end(name, how, this.#now, 0.5)
    if (pause !== undefined) told.until = told.since = this.#now + pause
  }

  #start() {
    for (;;) {
      const ready = [...this.#told].filter(([, told]) => this.#isReady(told))
      const next = this.#queue.start(this.#now, this.#memory)
      const running = [...this.#told.values()].filter(({ isRunning }) => isRunning)
      if (next === undefined) {
        // A place stays free only if no load may start.
        if (running.length === 0) expect(ready.filter(([, told]) => this.#isAsked(told))).toEqual([])
        return
      }
      const told = this.#told.get(next) ?? expect.unreachable()
      expect(ready.map(([name]) => name)).toContain(next)
      if (!this.#isAsked(told)) expect(told.rows ?? 0).toBeLessThanOrEqual(this.#memory.left)
      this.#startsInOrder += 1
      if (!this.#isAsked(told) && ready.some(([, other]) => this.#isAsked(other))) {
        expect(this.#now - (told.since ?? 0)).toBeGreaterThanOrEqual(OVERDUE_MS)
        expect(this.#startsInOrder).toBeGreaterThan(STARTS_BETWEEN_OVERDUE)
        this.#startsInOrder = 0
      }
      told.isRunning = true
      const together = [...running, told]
      expect(together.length).toBeLessThanOrEqual(this.#places)
      const rows = together.reduce((sum, each) => sum + (each.rows ?? 0), 0)
      if (together.length > 1) expect(rows).toBeLessThanOrEqual(this.#memory.records)
    }
  }

  #isReady({ since, until, isRunning }: Told): boolean {
    return !isRunning && since !== undefined && until <= this.#now
  }

  #isAsked({ askedAt }: Told): boolean {
    return askedAt !== undefined && this.#now - askedAt < ASKED_MS
  }
}

describe('whatever is offered, asked for, read, and fails', () => {
  it('no district that was asked for waits behind another, and places, memory and pauses are kept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(200_000), steps, (places, left, all) => {
        const queue = new CheckedQueue(places, { records: 200_000, left })
        for (const [each, passed] of all) queue.take(each, passed)
      }),
    )
  })
})
