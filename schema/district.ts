import type { CleverClient } from '../src/clever/client.ts'
import { type DistrictId, parseDistrictId } from '../src/clever/ids.ts'
import type { DistrictRecord } from '../src/clever/records.ts'
import type { GatewayContext } from '../src/context.ts'
import { builder } from './builder.ts'
import { DistrictState } from './enums.ts'
import { badInput } from './errors.ts'

export const District = builder.objectRef<DistrictRecord>('District').implement({
  description: 'A school district that shares its data with this application.',
  directives: { key: { fields: 'id' } },
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's id of the district." }),
    name: t.exposeString('name', { nullable: true, description: 'The name of the district.' }),
    sisType: t.exposeString('sisType', {
      nullable: true,
      description: 'How the district brings its data to Clever, in Clever\'s word, such as "sftp".',
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

/** Undefined for an id that names no district of ours. */
export async function readDistrict(
  id: string,
  { loaders }: GatewayContext,
): Promise<DistrictRecord | undefined> {
  const districtId = parseDistrictId(id)
  return districtId && loaders.district(districtId)
}

/**
 * The district that a list is taken from: the one named, or the only one. Undefined for an unknown one; throws
 * BAD_USER_INPUT where there are several to choose from.
 */
export async function chooseDistrict(
  id: string | null | undefined,
  { districts }: GatewayContext,
): Promise<CleverClient | undefined> {
  if (id != null) {
    const districtId = parseDistrictId(id)
    return districtId && districts.one(districtId)
  }
  const all = await districts.all()
  if (all.length > 1)
    throw badInput('There are several districts: give `districtId`; `districts` lists them.')
  return all[0]
}

/** For looking up an id: undefined looks everywhere, null nowhere. */
export function scopeOf(districtId: string | null | undefined): DistrictId | undefined | null {
  if (districtId == null) return undefined
  return parseDistrictId(districtId) ?? null
}

builder.queryFields((t) => ({
  district: t.field({
    type: District,
    nullable: true,
    description:
      'The district with this id, or the only one. Null for one that does not share with this application.',
    args: { id: t.arg.id({ description: "Clever's id; may be left out where there is only one district." }) },
    resolve: async (_query, { id }, context) => {
      const client = await chooseDistrict(id, context)
      return client && context.loaders.district(client.districtId)
    },
  }),
  districts: t.field({
    type: [District],
    nullable: { list: true, items: true },
    description:
      'All districts that share with this application. One that cannot be read is null, with an error.',
    complexity: { field: 1, multiplier: 10 },
    resolve: async (_query, _args, { districts, loaders }) =>
      (await districts.all()).map(({ districtId }) => loaders.district(districtId)),
  }),
}))
