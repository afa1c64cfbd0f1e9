import { parseDistrictId, parseUserId } from '../src/clever/ids.ts'
import type { DistrictRecord } from '../src/clever/records.ts'
import { type SisNote as Note, sisNotesFor } from '../src/quality/sis-notes.ts'
import { attempt } from '../src/view/attempt.ts'
import { districtRecord, viewerDistricts } from '../src/view/districts.ts'
import type { View } from '../src/view/view.ts'
import { builder } from './builder.ts'
import { DistrictSyncState } from './enums.ts'
import { given } from './given.ts'
import { findDistrict, onlyDistrict } from './lists.ts'

const DistrictSisNote = builder.objectRef<Note>('DistrictSisNote').implement({
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
  directives: [{ name: 'key', args: { fields: 'id' } }],
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's id of the district." }),
    name: t.exposeString('name', { nullable: true, description: 'The name of the district.' }),
    sisType: t.exposeString('sisType', {
      nullable: true,
      description: 'How the district brings its data to Clever, in Clever\'s word, such as "sftp".',
    }),
    sisNotes: t.field({
      type: [DistrictSisNote],
      nullable: true,
      description: 'What to expect of contacts that come in this way. Costs no call.',
      resolve: ({ sisType }) => sisNotesFor(sisType),
    }),
    syncState: t.field({
      type: DistrictSyncState,
      nullable: true,
      description: 'How the last sync went.',
      resolve: ({ state }) => state.value,
    }),
    syncStateRaw: t.string({
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

export function readDistrict({ id }: { readonly id: string }, view: View): DistrictRecord | undefined {
  const district = findDistrict(view, id)
  return district && districtRecord(view, district.client.districtId)
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
    resolve: (_query, { id }, view) => {
      const named = given(id)
      const district = named === undefined ? onlyDistrict(view) : findDistrict(view, named)
      return district && districtRecord(view, district.client.districtId)
    },
  }),
  districts: t.field({
    type: [District],
    nullable: { list: true, items: true },
    description: 'All districts that you have to do with. One that cannot be read is null, with an error.',
    complexity: { field: 1, multiplier: 10 },
    resolve: (_query, _args, view) =>
      viewerDistricts(view).map(
        ({ client }) => attempt(() => districtRecord(view, client.districtId)) as DistrictRecord | undefined,
      ),
  }),
}))
