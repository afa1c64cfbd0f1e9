import { schema } from '../../schema/schema.ts'
import { createRandom, RandomDocuments } from '../support/random-documents.ts'
import type { Viewer } from './check-answer.ts'
import { CONTACT, ENTITIES, FAMILY, HOSTILE, PAGE, SEARCH } from './documents.ts'
import type { Principals } from './principals.ts'
import type { Roster } from './roster.ts'
import { ROUTER_SECRET } from './world.ts'

/** What must come of a request. */
export type Outcome =
  /** Data without errors, unless an error is excused. */
  | { readonly must: 'answer' }
  /** No data, and one of these codes. */
  | { readonly must: 'refuse'; readonly codes: readonly string[] }
  /** Any documented code, except for that of a bug. */
  | { readonly must: 'survive' }

/** One request. */
export interface Shot {
  readonly body: string
  readonly token: string
  readonly viewer: Viewer
  readonly districtId: string
  readonly outcome: Outcome
  readonly headers?: Readonly<Record<string, string>>
  /** The client disconnects after this time. ms */
  readonly hangUpAfterMs?: number
  readonly onData?: (data: Readonly<Record<string, unknown>>) => void
}

export interface Kind {
  readonly name: string
  readonly perSecond: number
  next(): Shot
}

const ANSWER: Outcome = { must: 'answer' }
const IDS_PER_ENTITY_REQUEST = 5
const ROUTER = { 'x-router-secret': ROUTER_SECRET }

/** All kinds of requests, and how often each is sent. */
export function createKinds(roster: Roster, principals: Principals): readonly Kind[] {
  const random = createRandom(20_261_127)
  const pick = <Item>(list: readonly Item[]): Item => {
    const item = list[Math.floor(random() * list.length)]
    if (item === undefined) throw new Error('there is nothing to pick from')
    return item
  }
  const { main, withdrawing, busy } = roster
  const { guardians, admin, service, withdrawingService, busyGuardians, busyService } = principals
  const names = [...roster.secrets].filter((text) => / /.test(text) && !/\d/.test(text))
  const documents = new RandomDocuments(schema, [...busy.contactIds, ...busy.studentIds], random)
  let cursor: unknown

  const family = () =>
    shot(pick(guardians), FAMILY, (viewer) => ({
      contact: viewer.kind === 'guardian' ? viewer.contactIds.at(-1) : '',
      student: pick(main.studentIds),
    }))
  const entities = () => ({
    representations: Array.from({ length: IDS_PER_ENTITY_REQUEST }, () =>
      random() < 0.5
        ? { __typename: 'Student', id: pick(main.studentIds) }
        : { __typename: 'Contact', id: pick(main.contactIds) },
    ),
  })

  return [
    { name: 'guardian', perSecond: 15, next: family },
    {
      name: 'point',
      perSecond: 15,
      next: () => shot(service, CONTACT, () => ({ id: pick(main.contactIds) })),
    },
    {
      name: 'page',
      perSecond: 4,
      next: () => ({
        ...shot(admin, PAGE, () => ({ after: cursor })),
        onData: ({ contacts }) => {
          const { pageInfo } = (contacts ?? {}) as { pageInfo?: { endCursor: string; hasNextPage: boolean } }
          cursor = pageInfo?.hasNextPage ? pageInfo.endCursor : undefined
        },
      }),
    },
    {
      name: 'search',
      perSecond: 2,
      next: () => shot(service, SEARCH, () => ({ text: pick(names).split(' ').at(-1) })),
    },
    {
      name: 'entities',
      perSecond: 6,
      next: () => ({ ...shot(service, ENTITIES, entities), headers: ROUTER }),
    },
    {
      name: 'entities of a guardian',
      perSecond: 4,
      next: () => ({ ...shot(pick(guardians), ENTITIES, entities), headers: ROUTER }),
    },
    {
      name: 'entities without the router',
      perSecond: 1,
      next: () => refused(shot(service, ENTITIES, entities), 'FORBIDDEN'),
    },
    {
      name: 'district that withdraws',
      perSecond: 3,
      next: () => shot(withdrawingService, CONTACT, () => ({ id: pick(withdrawing.contactIds) })),
    },
    {
      name: 'more than the window',
      perSecond: 6,
      next: () => shot(pick(busyGuardians), '{ students(first: 5) { nodes { __typename id } } }', () => ({})),
    },
    {
      name: 'bad token',
      perSecond: 2,
      next: () => ({
        ...refused(family(), 'UNAUTHENTICATED'),
        token: pick(principals.badTokens),
      }),
    },
    {
      name: 'hostile',
      perSecond: 2,
      next: () => {
        const { body, codes } = pick(HOSTILE)
        return {
          ...refused(
            shot(service, '', () => ({})),
            ...codes,
          ),
          body,
        }
      },
    },
    {
      name: 'random document',
      perSecond: 1,
      next: () => {
        const { query, variables } = random() < 0.5 ? documents.valid() : documents.almostValid()
        return { ...shot(busyService, query, () => variables), outcome: { must: 'survive' } }
      },
    },
    {
      name: 'disconnects',
      perSecond: 2,
      next: () => ({ ...family(), hangUpAfterMs: Math.floor(random() * 20) }),
    },
  ]
}

type Principal = Principals['admin']

function shot(principal: Principal, query: string, variablesOf: (viewer: Viewer) => unknown): Shot {
  const { viewer, token, districtId } = principal
  const body = JSON.stringify({ query, variables: variablesOf(viewer) })
  return { body, token, viewer, districtId, outcome: ANSWER }
}

function refused(of: Shot, ...codes: readonly string[]): Shot {
  return { ...of, outcome: { must: 'refuse', codes } }
}
