import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import type { Body } from '../../src/clever/body.ts'
import { freeRows, rowsOf } from '../../src/clever/packed-rows.ts'
import { IDLE_MS, PageReader } from '../../src/clever/page-reader.ts'
import { readUserPage, type UserPage } from '../../src/clever/user-page.ts'
import { CleverAnswerInvalid, CleverUnavailable } from '../../src/model/clever-errors.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { unpacked } from '../support/user-page.ts'
import { userId } from '../sync/world.ts'

const QUESTION = {
  role: 'contact',
  districtId: parseDistrictId('d'.repeat(24)) ?? expect.unreachable(),
  keptFields: new Set<never>(),
} as const

const bytesOf = (text: string) => new TextEncoder().encode(text)
/** In three chunks. */
function bodyOf(text: string): Body {
  const bytes = bytesOf(text)
  const [third, half] = [Math.floor(bytes.length / 3), Math.floor(bytes.length / 2)]
  return [bytes.slice(0, third), bytes.slice(third, half), bytes.slice(half)]
}

function contact(n: number, role: object = {}) {
  const entry = { student: userId(n + 1), relationship: 'Parent', type: 'Famly' }
  const roles = { contact: { sis_id: `C-${n}`, student_relationships: [entry], ...role } }
  return { data: { id: userId(n), name: { last: `Zoë ${n}` }, roles } }
}

const pageOf = (items: readonly unknown[]) =>
  JSON.stringify({ data: items, links: [{ rel: 'self', uri: '/' }] })
const contacts = (count: number) => Array.from({ length: count }, (_, n) => contact(n))

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('a page of users', () => {
  const clock = createFakeClock()
  let reader = new PageReader(clock)
  afterEach(async () => {
    await reader.close()
    reader = new PageReader(clock)
  })

  it('is the same from the worker thread, which reads large pages, as from the main thread', async () => {
    const odd = [
      { data: { roles: {} } },
      { data: { id: userId(5_000), roles: 3 } },
      contact(5_001, { phone: 'x'.repeat(2_000) }),
    ]
    const text = pageOf([...contacts(2_000), ...odd])
    const read = await reader.read(bodyOf(text), QUESTION)
    expect(unpacked(read)).toEqual(unpacked(readUserPage(bytesOf(text).buffer, QUESTION)))
    expect(read).toMatchObject({ rowCount: 2_003, rows: { ends: { length: 2_002 } }, hasNameless: true })
    expect(read.counts).toEqual({
      unreadable: 2,
      unknown: new Map([['type', 2_001]]),
      truncated: new Map([['phone', 1]]),
    })
  })

  it.each([
    ['is cut off', CleverUnavailable, pageOf(contacts(1_000)).slice(0, -9)],
    ['is no list', CleverAnswerInvalid, JSON.stringify({ data: { x: 'y'.repeat(100_000) } })],
    ['names no id', CleverAnswerInvalid, pageOf(Array.from({ length: 9_000 }, () => ({ data: {} })))],
  ])('fails alone where it %s, and is not quoted', async (_name, error, text) => {
    const [bad, good] = await Promise.allSettled([
      reader.read(bodyOf(text), QUESTION),
      reader.read(bodyOf(pageOf(contacts(1_000))), QUESTION),
    ])
    expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(error) })
    expect(String(bad.status === 'rejected' && bad.reason)).not.toMatch(/Zo|yyy/)
    expect(good).toMatchObject({ status: 'fulfilled', value: { rows: { ends: { length: 1_000 } } } })
  })

  it('is never taken for another one, also after one that could not be given to the thread', async () => {
    const [chunk] = bodyOf(pageOf(contacts(9_000)))
    const impossible = chunk === undefined ? [] : [chunk, chunk]
    const read = (body: Body) => reader.read(body, QUESTION)
    const firstId = ({ rows }: UserPage) => rowsOf(rows).at(0)?.id
    const pages = [3, 5].map((first) => pageOf(contacts(9_000).slice(first)))
    const [none, ...others] = await Promise.allSettled([impossible, ...pages.map(bodyOf)].map(read))
    expect(none).toMatchObject({ status: 'rejected', reason: expect.any(CleverUnavailable) })
    expect(others.map((each) => each.status === 'fulfilled' && firstId(each.value))).toEqual(
      [3, 5].map(userId),
    )
  })

  it('has no rows any more after its memory was freed', async () => {
    const { rows: packed } = await reader.read(bodyOf(pageOf(contacts(3))), QUESTION)
    const rows = rowsOf(packed)
    const part = rows.slice(1, 3)
    expect(Array.from(rows, ({ encoded }) => typeof encoded)).toEqual(['string', 'string', 'string'])
    freeRows(packed)
    for (const list of [rows, part]) {
      expect(() => list.at(0)).toThrow('freed')
      expect(() => [...list]).toThrow('freed')
    }
  })

  it('leaves nothing in memory but the records that were wanted of it', async () => {
    const body = () => bodyOf(pageOf(contacts(2_000)))
    const wanted = new Set([userId(7)])
    const kept: unknown[] = []
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    const PAGES = 50
    for (let page = 0; page < PAGES; page += 1) {
      const { rows } = unpacked(await reader.read(body(), { ...QUESTION, wanted }))
      const row = rows.find(({ encoded }) => encoded !== null)
      kept.push(row?.id, row?.encoded)
    }
    collectGarbage()
    const bytes = process.memoryUsage().heapUsed - before
    expect(kept).toHaveLength(2 * PAGES)
    // Each text has more than 400 kB.
    expect(bytes / PAGES).toBeLessThan(100_000)
  })

  it('that is small does not wait for all the large ones before it', async () => {
    const order: string[] = []
    const read = async (name: string, count: number) => {
      await reader.read(bodyOf(pageOf(contacts(count))), QUESTION)
      order.push(name)
    }
    await Promise.all([
      read('1', 4_000),
      read('2', 4_000),
      read('3', 4_000),
      read('4', 4_000),
      read('small', 500),
    ])
    expect(order.indexOf('small')).toBeLessThan(order.indexOf('3'))
  })

  it('is the last for its thread when no other comes for a while, and a later one gets another thread', async () => {
    const read = () => reader.read(bodyOf(pageOf(contacts(8_000))), QUESTION)
    expect(reader.hasWorker).toBe(false)
    await Promise.all([read(), read(), read()])
    await clock.advance(IDLE_MS - 1)
    expect(reader.hasWorker).toBe(true)
    await read()
    await clock.advance(IDLE_MS - 1)
    expect(reader.hasWorker).toBe(true)
    await clock.advance(1)
    expect(reader.hasWorker).toBe(false)
    expect((await read()).rows.ends).toHaveLength(8_000)
  })

  it('has its thread before large pages come, and ends it when none do', async () => {
    expect(reader.hasWorker).toBe(false)
    reader.expectLargePages()
    reader.expectLargePages()
    expect(reader.hasWorker).toBe(true)
    await clock.advance(IDLE_MS - 1)
    expect(reader.hasWorker).toBe(true)
    await clock.advance(1)
    expect(reader.hasWorker).toBe(false)
  })

  it('fails as an outage does when its thread ends, and the next page gets another thread', async () => {
    const lost = reader.read(bodyOf(pageOf(contacts(4_000))), QUESTION)
    await Promise.all([reader.close(), expect(lost).rejects.toBeInstanceOf(CleverUnavailable)])
    const read = await reader.read(bodyOf(pageOf(contacts(1_000))), QUESTION)
    expect(read.rows.ends).toHaveLength(1_000)
  })
})
