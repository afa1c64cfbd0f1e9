import {
  array,
  boolean,
  assert as check,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  property,
  record,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UserId } from '../../src/model/ids.ts'
import type { Range, Role } from '../../src/model/ranges.ts'
import type { ContactRecord, UserRecord } from '../../src/model/records.ts'
import { DistrictStore } from '../../src/store/district-store.ts'
import {
  contactsIn,
  createWorld,
  DISTRICT,
  isContactOf,
  pageOf,
  ROLES,
  userId,
  type World,
} from '../sync/world.ts'

const PEOPLE = 3
const IDS = Array.from({ length: PEOPLE }, (_, n) => userId(n))
const ANY_AGE = Number.NEGATIVE_INFINITY

const who = integer({ min: 0, max: PEOPLE - 1 })
const role = constantFrom<Role>('student', 'contact')
const person = oneof(
  { weight: 3, arbitrary: constant({ isStudent: true, contactOf: undefined }) },
  {
    weight: 5,
    arbitrary: array(who, { minLength: 0, maxLength: 2 }).map((contactOf) => ({
      isStudent: false,
      contactOf,
    })),
  },
  { weight: 1, arbitrary: array(who, { maxLength: 2 }).map((contactOf) => ({ isStudent: true, contactOf })) },
)
const range = record({
  role,
  direction: constantFrom<Range['direction']>('forwards', 'backwards'),
  beyond: option(who.map(userId), { nil: undefined }),
  limit: integer({ min: 1, max: 4 }),
})

/** Something to ask Clever for. */
const question = oneof(
  tuple(constant('user' as const), who),
  tuple(constant('range' as const), range),
  tuple(
    constant('range' as const),
    tuple(range, array(who, { maxLength: 2 })).map(([of, ids]) => ({
      ...of,
      wanted: new Set(ids.map(userId)),
    })),
  ),
  tuple(constant('contactsOf' as const), who),
)
const step = oneof(
  {
    weight: 5,
    arbitrary: tuple(constant('change' as const), who, option(person, { nil: undefined, freq: 4 })),
  },
  { weight: 4, arbitrary: tuple(constant('send' as const), question, boolean()) },
  // A call is answered by Clever at one moment, and learned at another.
  { weight: 7, arbitrary: tuple(constant('goOn' as const), integer({ min: 0, max: 3 })) },
  { weight: 4, arbitrary: tuple(constant('tell' as const), boolean()) },
  { weight: 2, arbitrary: tuple(constant('renew' as const)) },
  { weight: 1, arbitrary: tuple(constant('forgetOlder' as const), integer({ min: 0, max: 100 })) },
  { weight: 1, arbitrary: tuple(constant('shrink' as const)) },
)
type StepOf<Arbitrary> = Arbitrary extends { generate(...args: never): { readonly value: infer Value } }
  ? Value
  : never
type Step = StepOf<typeof step>
type Question = StepOf<typeof question>

interface Call {
  readonly sentAt: number
  readonly process: () => () => void
  learn?: () => void
}

/** A store that learns of a world that goes on. `look` is called after each step. */
function live(steps: readonly Step[], look: (scene: Scene) => void) {
  let now = 1_000
  const clock = {
    now: () => now,
    elapsed: () => now,
    sleep: () => expect.unreachable(),
    timeout: () => expect.unreachable(),
  }
  const world = createWorld(clock.now)
  const store = new DistrictStore(DISTRICT, clock)
  const told: UserRecord[] = []
  let calls: Call[] = []

  function ask([kind, what]: Question): Call {
    const sentAt = clock.now()
    switch (kind) {
      case 'user':
        return {
          sentAt,
          process: () => {
            const user = world.present().get(userId(what))
            return () => store.putUser(userId(what), user, sentAt)
          },
        }
      case 'range':
        return {
          sentAt,
          process: () => {
            const page = pageOf(world.present(), what, 2)
            return () => store.putRange(what, page, sentAt)
          },
        }
      case 'contactsOf':
        return {
          sentAt,
          process: () => {
            const users = contactsIn(world.present(), userId(what))
            return () => store.putContactsOf(userId(what), users, sentAt)
          },
        }
    }
  }

  function goOn(call: Call | undefined) {
    if (call === undefined) return
    if (call.learn === undefined) call.learn = call.process()
    else {
      call.learn()
      calls = calls.filter((each) => each !== call)
    }
  }

  function take(each: Step) {
    switch (each[0]) {
      case 'change':
        return world.change(each[1], each[2])
      case 'send': {
        const call = ask(each[1])
        // Often Clever has its answer at once, and it is long on its way.
        if (each[2]) call.learn = call.process()
        calls.push(call)
        return
      }
      case 'goOn':
        return goOn(calls[each[1]])
      case 'tell': {
        for (let event = world.nextEvent(); event !== undefined; event = world.nextEvent()) {
          store.applyEvent(event)
          if (event.user !== undefined) told.push(event.user)
          if (!each[1]) return
        }
        return
      }
      case 'renew':
        return store.renew(0, world.eventsCompleteUntil())
      case 'forgetOlder':
        return store.evictOlder(clock.now() - each[1])
      case 'shrink':
        store.evictSome()
    }
  }

  for (const each of steps) {
    now += 10
    take(each)
    look({ store, world, told })
  }
}

interface Scene {
  readonly store: DistrictStore
  readonly world: World
  /** The users that events have reported. */
  readonly told: readonly UserRecord[]
}

const lives = array(step, { minLength: 4, maxLength: 24 })

const RUNS = { numRuns: 4000 }

/** The state of one user, in one role, from some moment on; or the state that an event has reported since. */
function truths<R extends Role>({ world, told }: Scene, of: R, id: UserId, asOf: number) {
  const users = [
    ...world.asOf(asOf).map((roster) => roster.get(id)),
    ...told.filter((user) => user.id === id),
  ]
  return { records: users.map((user) => user?.[of]), mayBeAbsent: told.some((user) => user.id === id) }
}

function expectOnceTrue(scene: Scene, of: Role, id: UserId, value: unknown, asOf: number) {
  const { records, mayBeAbsent } = truths(scene, of, id, asOf)
  if (value === undefined && mayBeAbsent) return
  expect(records).toContainEqual(value)
}

/** All that is held of a role, looked up one by one. */
function held(store: DistrictStore, of: Role) {
  return IDS.flatMap((id) => {
    const value = store.find(of, id, ANY_AGE)?.value
    return value === undefined || value === 'UNREADABLE' ? [] : [value]
  })
}

describe('a store, whatever comes and in whatever order', () => {
  it('says of a record only what was so at some moment since then', () => {
    const look = (scene: Scene) => {
      for (const of of ROLES)
        for (const id of IDS) {
          const known = scene.store.find(of, id, ANY_AGE)
          if (known !== undefined) expectOnceTrue(scene, of, id, known.value, known.asOf)
        }
    }
    check(
      property(lives, (steps) => live(steps, look)),
      RUNS,
    )
  })

  it('says the present truth of each record once all events are applied', () => {
    const look = ({ store, world }: Scene) => {
      if (!world.isAllTold()) return
      for (const of of ROLES)
        for (const id of IDS) {
          const known = store.find(of, id, ANY_AGE)
          if (known !== undefined) expect(known.value).toEqual(world.present().get(id)?.[of])
        }
    }
    check(
      property(lives, (steps) => live(steps, look)),
      RUNS,
    )
  })

  it('names as contacts of a student only who was one at some moment since then', () => {
    const look = (scene: Scene) => {
      for (const student of IDS) {
        const known = scene.store.contactsListing(student, ANY_AGE)
        for (const contact of known?.value ?? []) {
          expect(isContactOf(contact, student)).toBe(true)
          expectOnceTrue(scene, 'contact', contact.id, contact, known?.asOf ?? 0)
        }
      }
    }
    check(
      property(lives, (steps) => live(steps, look)),
      RUNS,
    )
  })

  it('leaves out no contact who was one all the time since then', () => {
    const look = ({ store, world, told }: Scene) => {
      for (const student of IDS) {
        const known = store.contactsListing(student, ANY_AGE)
        if (known === undefined) continue
        const always = world
          .asOf(known.asOf)
          .map((roster) => contactsIn(roster, student).map(({ id }) => id))
          .reduce((some, others) => some.filter((id) => others.includes(id)))
        const expected = always.filter((id) => !told.some((user) => user.id === id))
        expect(known.value.map(({ id }) => id)).toEqual(expect.arrayContaining(expected))
      }
    }
    check(
      property(lives, (steps) => live(steps, look)),
      RUNS,
    )
  })

  it('knows exactly the present contacts of a student once all events are applied', () => {
    const look = ({ store, world }: Scene) => {
      if (!world.isAllTold()) return
      for (const student of IDS) {
        const known = store.contactsListing(student, ANY_AGE)
        if (known === undefined) continue
        const present = contactsIn(world.present(), student).map(({ contact }) => contact)
        expect(known.value.toSorted(byId)).toEqual(present.toSorted(byId))
      }
    }
    check(
      property(lives, (steps) => live(steps, look)),
      RUNS,
    )
  })

  it('inverts its records like a walk through all of them', () => {
    const look = ({ store }: Scene) => {
      for (const student of IDS) {
        const known = store.contactsListing(student, ANY_AGE)
        const naive = held(store, 'contact').filter((each) => isContactOf(each as ContactRecord, student))
        if (known !== undefined) expect(known.value.toSorted(byId)).toEqual(naive)
      }
    }
    check(
      property(lives, (steps) => live(steps, look)),
      RUNS,
    )
  })

  it('lists and counts what it would find one by one, and lists nothing that it does not know', () => {
    check(
      property(lives, range, (steps, wanted) =>
        live(steps, ({ store }) => {
          for (const of of ROLES) {
            const known = store.list({ ...wanted, role: of }, ANY_AGE)
            const isForwards = wanted.direction === 'forwards'
            const records = held(store, of).filter(
              ({ id }) =>
                wanted.beyond === undefined || (isForwards ? id > wanted.beyond : id < wanted.beyond),
            )
            const page = isForwards ? records.slice(0, wanted.limit) : records.slice(-wanted.limit)
            if (known !== undefined) {
              expect(known.value.records).toEqual(page)
              expect(known.value.hasMore).toBe(records.length > wanted.limit)
            }
            const count = store.count(of, ANY_AGE)
            if (count !== undefined) expect(count.value).toBe(held(store, of).length)
          }
        }),
      ),
      RUNS,
    )
  })

  it('lists the present truth once all events are applied', () => {
    check(
      property(lives, range, (steps, wanted) =>
        live(steps, ({ store, world }) => {
          const known = store.list(wanted, ANY_AGE)
          if (known === undefined || !world.isAllTold()) return
          const { rows } = pageOf(world.present(), wanted)
          expect(known.value.records).toEqual(Array.from(rows, (row) => store.recordOf(wanted.role, row)))
        }),
      ),
      RUNS,
    )
  })

  it('never takes a moment for younger than it says, nor anything for known that is too old', () => {
    check(
      property(lives, integer({ min: 1_000, max: 1_200 }), (steps, minAsOf) =>
        live(steps, ({ store }) => {
          for (const id of IDS) {
            const known = [...ROLES.map((of) => store.find(of, id, minAsOf)), store.contactsOf(id, minAsOf)]
            const oldest = Math.min(...known.map((each) => each?.asOf ?? minAsOf))
            if (oldest < minAsOf) expect(oldest).toBe(minAsOf)
          }
        }),
      ),
      RUNS,
    )
  })

  it('holds no record without coverage, and counts no fewer bytes than none', () => {
    const look = ({ store }: Scene) => {
      for (const of of ROLES) expect(store.size(of)).toBe(held(store, of).length)
      expect(store.bytes).toBeGreaterThanOrEqual(0)
    }
    check(
      property(lives, (steps) => live(steps, look)),
      RUNS,
    )
  })

  it('forgets all, and is as small again as when it was new', () => {
    const look = ({ store }: Scene) => {
      store.clear()
      expect(store.bytes).toBe(0)
      expect(IDS.map((id) => store.contactsOf(id, ANY_AGE))).toEqual(IDS.map(() => undefined))
    }
    check(
      property(lives, (steps) => live(steps, look)),
      { numRuns: 200 },
    )
  })

  it('shrinks to nothing in so many steps, and not less', () => {
    const look = ({ store }: Scene) => {
      let steps = 0
      while (store.evictSome()) {
        steps += 1
        expect(steps).toBeLessThan(100)
      }
      for (const role of ROLES) expect([store.size(role), store.coverage(role)]).toEqual([0, []])
    }
    check(
      property(lives, (steps) => live(steps, look)),
      { numRuns: 100 },
    )
  })
})

const byId = (a: { readonly id?: string } | undefined, b: { readonly id?: string } | undefined) =>
  (a?.id ?? '') < (b?.id ?? '') ? -1 : 1
