import { parseDistrictId, parseUserId } from '../src/model/ids.ts'
import type { DistrictRecord } from '../src/model/records.ts'
import { type SisNote as Note, sisNotesFor } from '../src/quality/sis-notes.ts'
import { attempt } from '../src/view/attempt.ts'
import { districtRecord, viewerDistricts } from '../src/view/districts.ts'
import type { View } from '../src/view/view.ts'
import { given } from './blank-arguments.ts'
import { builder } from './builder.ts'
import { DistrictSyncState } from './enums.ts'
import { findDistrict, onlyDistrict } from './lists.ts'

const DistrictSisNote = builder.objectRef<Note>('DistrictSisNote').implement({
  description:
    'A limit of the method by which a district sends its data to Clever. The district cannot change it.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'The limit, in English.' }),
    isDocumented: t.boolean({
      description:
        'Whether Clever documents the limit. If not, the gateway concludes it from other evidence.',
      resolve: ({ grade }) => grade === 'DOCUMENTED',
    }),
    source: t.exposeString('source', { description: 'The source of the statement.' }),
  }),
})

export const District = builder.objectRef<DistrictRecord>('District').implement({
  description:
    'A school district that shares its data with this application. In a supergraph, every field but `id` is null if the record does not exist, or if the viewer may not see it.',
  directives: [{ name: 'key', args: { fields: 'id' } }],
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's id of the district." }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'The name of the district. Null if Clever has none.',
    }),
    sisType: t.exposeString('sisType', {
      nullable: true,
      description:
        'The method by which the district sends its data to Clever, in Clever\'s word, such as "sftp". Null if Clever does not report it.',
    }),
    sisNotes: t.field({
      type: [DistrictSisNote],
      nullable: true,
      description: 'The limits of contact data that arrives by this method. Cost: none.',
      resolve: ({ sisType }) => sisNotesFor(sisType),
    }),
    syncState: t.field({
      type: DistrictSyncState,
      nullable: true,
      description: 'The state of the last sync.',
      resolve: ({ state }) => state.value,
    }),
    syncStateRaw: t.string({
      nullable: true,
      description: "The state in Clever's word. Null if Clever does not report it.",
      resolve: ({ state }) => state.raw,
    }),
    lastSyncAt: t.expose('lastSyncAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The time at which the data last came from the district to Clever. Null if Clever does not report it.',
    }),
  }),
})

export const districtArgument = {
  description:
    'The id of the district to look in. Without it, the gateway asks each of its districts, with one call for each.',
}

export function readDistrict({ id }: { readonly id: string }, view: View): DistrictRecord | undefined {
  const district = findDistrict(view, id)
  return district && districtRecord(view, district.client.districtId)
}

/** The id and district of a user to look up. Undefined for ids that no user can have, which saves the call. */
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
    description:
      'The district with this id, or the only district of the viewer. Null if the viewer cannot reach the district. Cost: one call.',
    args: {
      id: t.arg.id({ description: "Clever's id of the district. Optional if the viewer has one district." }),
    },
    resolve: (_query, { id }, view) => {
      const named = given(id)
      const district = named === undefined ? onlyDistrict(view) : findDistrict(view, named)
      return district && districtRecord(view, district.client.districtId)
    },
  }),
  districts: t.field({
    type: [District],
    nullable: { list: true, items: true },
    description:
      'The districts of the viewer. An item is null, with an error, if Clever cannot be read for it. Null, with an error, if the districts are not known. Cost: one call for each district.',
    complexity: { field: 1, multiplier: 10 },
    resolve: (_query, _args, view) =>
      viewerDistricts(view).map(
        ({ client }) => attempt(() => districtRecord(view, client.districtId)) as DistrictRecord | undefined,
      ),
  }),
}))
