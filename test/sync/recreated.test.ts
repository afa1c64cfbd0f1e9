import { describe, expect, it } from 'vitest'
import { parseUserId } from '../../src/model/ids.ts'
import { pageOfEvents, startKeeping } from './syncing.ts'

const EVENTS = /\/events\?/
const MINUTE = 60_000

describe('a contact that is deleted and created again in one sync', () => {
  it.each([
    ['as late as the deletion', 0],
    ['later', MINUTE],
    ['earlier than the deletion, as when the district shares it again', -90 * MINUTE],
    ['not at all', undefined],
  ])('is there, when its record was modified %s', async (_when, modified) => {
    await using keeping = await startKeeping()
    await keeping.turn()
    await keeping.later()
    const user = keeping.roster.roster.user(keeping.roster.contacts[0] ?? '') ?? expect.unreachable()
    const id = parseUserId(user.id) ?? expect.unreachable()
    const at = keeping.clock.now()
    const { last_modified: _before, ...rest } = user
    const gone = { ...user, last_modified: new Date(at).toISOString() }
    const again =
      modified === undefined ? rest : { ...rest, last_modified: new Date(at + modified).toISOString() }
    const body = pageOfEvents(
      [
        { n: 1, kind: 'deleted', object: gone },
        { n: 2, kind: 'created', object: again as typeof user },
      ],
      at,
    )
    keeping.sandbox.faults.add({ path: EVENTS, status: 200, body })
    for (let turn = 0; turn < 8; turn += 1) await keeping.later()
    const found = keeping.store.find('contact', id, Number.NEGATIVE_INFINITY)
    // Where it is not known, it is asked for.
    if (found !== undefined) expect(found.value).toBeDefined()
  })
})

describe('a contact that is updated and deleted in one sync', () => {
  it.each([
    ['as late as the update', 0],
    ['earlier than the update', -90 * MINUTE],
    ['not at all', undefined],
  ])('is not shown, when the record of the deletion was modified %s', async (_when, modified) => {
    await using keeping = await startKeeping()
    await keeping.turn()
    await keeping.later()
    const user = keeping.roster.roster.user(keeping.roster.contacts[0] ?? '') ?? expect.unreachable()
    const id = parseUserId(user.id) ?? expect.unreachable()
    const at = keeping.clock.now()
    const { last_modified: _before, ...rest } = user
    const gone =
      modified === undefined ? rest : { ...rest, last_modified: new Date(at + modified).toISOString() }
    const body = pageOfEvents(
      [
        { n: 1, kind: 'updated', object: { ...user, last_modified: new Date(at).toISOString() } },
        { n: 2, kind: 'deleted', object: gone as typeof user },
      ],
      at,
    )
    keeping.sandbox.faults.add({ path: EVENTS, status: 200, body })
    // What is not known is asked for.
    keeping.sandbox.faults.add({ path: /role=contact/, status: 503 })
    for (let turn = 0; turn < 3; turn += 1) await keeping.later()
    expect(keeping.store.find('contact', id, Number.NEGATIVE_INFINITY)?.value).toBeUndefined()
  })
})
