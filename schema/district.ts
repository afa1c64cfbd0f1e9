import type { Reader } from '../src/access/reader.ts'
import type { CleverClient } from '../src/clever/client.ts'
import type { Districts } from '../src/clever/districts.ts'
import { parseDistrictId, parseUserId } from '../src/clever/ids.ts'
import type { DistrictRecord } from '../src/clever/records.ts'
import type { GatewayContext } from '../src/context.ts'
import { type MaybePromise, run, type Steps, wait } from '../src/maybe-promise.ts'
import { type SisNote as Note, sisNotesFor } from '../src/quality/sis-notes.ts'
import { AUTHENTICATED, builder } from './builder.ts'
import { DistrictState } from './enums.ts'
import { badInput } from './errors.ts'
import { given } from './given.ts'

const SisNote = builder.objectRef<Note>('SisNote').implement({
  description: 'What a way of bringing data to Clever cannot give, whatever the district does.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'The same in English.' }),
    isDocumented: t.boolean({
      description: 'Whether Clever says so; otherwise it is concluded from less.',
      resolve: ({ grade }) => grade === 'DOCUMENTED',
    }),
    source: t.exposeString('source', { description: 'Where it is said.' }),
  }),
})

export const District = builder.objectRef<DistrictRecord>('District').implement({
  description: 'A school district that shares its data with this application.',
  directives: [{ name: 'key', args: { fields: 'id' } }, AUTHENTICATED],
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's id of the district." }),
    name: t.exposeString('name', { nullable: true, description: 'The name of the district.' }),
    sisType: t.exposeString('sisType', {
      nullable: true,
      description: 'How the district brings its data to Clever, in Clever\'s word, such as "sftp".',
    }),
    sisNotes: t.field({
      type: [SisNote],
      description: 'What to expect of contacts that come in this way. Costs no call.',
      resolve: ({ sisType }) => sisNotesFor(sisType),
    }),
    state: t.field({
      type: DistrictState,
      description: 'How the last sync went.',
      resolve: ({ state }) => state.value,
    }),
    stateRaw: t.string({
      nullable: true,
      description: 'The state in the word that Clever used.',
      resolve: ({ state }) => state.raw,
    }),
    lastSyncAt: t.expose('lastSyncAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the data last came from the district to Clever.',
    }),
  }),
})

export const districtArgument = {
  description:
    'The district to look in. Sparing where the gateway serves several: without it, each one is asked.',
}

/** Undefined for an id that names no district the principal has to do with. */
export function findDistrict(id: string, { districts }: Reader): MaybePromise<CleverClient | undefined> {
  const districtId = parseDistrictId(id)
  return districtId && districts.one(districtId)
}

/** Throws BAD_USER_INPUT where there are several to choose from. */
export function onlyDistrict({ districts }: Reader): MaybePromise<CleverClient | undefined> {
  return run(findOnly(districts))
}

function* findOnly(districts: Districts): Steps<CleverClient | undefined> {
  const all = yield* wait(districts.all())
  if (all.length > 1)
    throw badInput('There are several districts: give `districtId`; `districts` lists them.')
  return all[0]
}

export async function readDistrict({ id }: { readonly id: string }, { reader }: GatewayContext) {
  const district = await findDistrict(id, reader)
  return district && reader.district(district.districtId)
}

/** Where to look for a user; undefined for ids that name nobody, which spares the question. */
export function parseWhere({
  id,
  districtId,
}: {
  readonly id: string
  readonly districtId?: string | null | undefined
}) {
  const userId = parseUserId(id)
  if (userId === undefined) return undefined
  const named = given(districtId)
  if (named === undefined) return { id: userId }
  const district = parseDistrictId(named)
  return district && { id: userId, districtId: district }
}

builder.queryFields((t) => ({
  district: t.field({
    type: District,
    nullable: true,
    description: 'The district with this id, or the only one. Null for one that you have nothing to do with.',
    args: { id: t.arg.id({ description: "Clever's id; may be left out where there is only one district." }) },
    resolve: async (_query, { id }, { reader }) => {
      const named = given(id)
      const district = named === undefined ? await onlyDistrict(reader) : await findDistrict(named, reader)
      return district && reader.district(district.districtId)
    },
  }),
  districts: t.field({
    type: [District],
    nullable: { list: true, items: true },
    description: 'All districts that you have to do with. One that cannot be read is null, with an error.',
    complexity: { field: 1, multiplier: 10 },
    resolve: async (_query, _args, { reader }) =>
      (await reader.districts.all()).map(({ districtId }) => reader.district(districtId)),
  }),
}))
