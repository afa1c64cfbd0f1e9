import { parseUserId } from '../src/clever/ids.ts'
import type { ContactRecord } from '../src/clever/records.ts'
import type { GatewayContext } from '../src/context.ts'
import { relationshipsOf } from '../src/loaders/relationships.ts'
import { builder, keyedInDistrict } from './builder.ts'
import { chooseDistrict, District, districtArgument, scopeOf } from './district.ts'
import { PhoneType } from './enums.ts'
import { pageSize, readPage } from './paging.ts'
import { displayName, PersonName } from './person-name.ts'
import { StudentRelationship } from './student-relationship.ts'

const Phone = builder.objectRef<{ raw: string; type: ContactRecord['phoneType'] }>('Phone').implement({
  description: 'The one phone that Clever has of a contact.',
  fields: (t) => ({
    raw: t.exposeString('raw', { description: 'As the district wrote it.' }),
    type: t.field({ type: PhoneType, description: 'Where it rings.', resolve: ({ type }) => type.value }),
    typeRaw: t.string({
      nullable: true,
      description: 'The type in the words of the district.',
      resolve: ({ type }) => type.raw,
    }),
  }),
})

export const Contact = builder.objectRef<ContactRecord>('Contact').implement({
  description:
    'A guardian, relative or other person to turn to for one or more students. What they are depends on the student: see `relationships`.',
  directives: keyedInDistrict,
  fields: (t) => ({
    id: t.exposeID('id', {
      description:
        "Clever's v3 id of the contact. It changes with the name, e-mail or phone where there is no `sisId`.",
    }),
    districtId: t.exposeID('districtId', { description: 'The district of the contact. Costs no call.' }),
    district: t.field({
      type: District,
      nullable: true,
      description: 'The district of the contact.',
      resolve: ({ districtId }, _args, { loaders }) => loaders.district(districtId),
    }),
    displayName: t.string({ nullable: true, description: 'The whole name, to show.', resolve: displayName }),
    name: t.expose('name', { type: PersonName, description: 'The parts of the name, as Clever has them.' }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'As the district wrote it; not verified, not unique.',
    }),
    phone: t.field({
      type: Phone,
      nullable: true,
      description: 'The phone, where there is one.',
      resolve: ({ phone, phoneType }) => (phone === undefined ? null : { raw: phone, type: phoneType }),
    }),
    sisId: t.exposeString('sisId', { nullable: true, description: "The id in the district's own system." }),
    legacyId: t.exposeString('legacyId', { nullable: true, description: "The id in Clever's v2 API." }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When Clever first had the record.',
    }),
    lastModifiedAt: t.expose('lastModifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the record last changed in Clever.',
    }),
    relationships: t.field({
      type: [StudentRelationship],
      description:
        'What the contact is to each student: one entry for each time the SIS lists the two. Costs no call.',
      resolve: relationshipsOf,
    }),
  }),
})

/** Undefined for whoever does not exist, is not shared, or is no contact. Throws the CleverErrors. */
export async function readContact(
  { id, districtId }: { readonly id: string; readonly districtId?: string | null | undefined },
  { loaders }: GatewayContext,
): Promise<ContactRecord | undefined> {
  const [userId, scope] = [parseUserId(id), scopeOf(districtId)]
  if (userId === undefined || scope === null) return undefined
  return (await loaders.user(userId, scope))?.contact
}

builder.queryFields((t) => ({
  contact: t.field({
    type: Contact,
    nullable: true,
    description: 'The contact with this id. Null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: "Clever's v3 id of the contact." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, args, context) => readContact(args, context),
  }),
  contacts: t.connection(
    {
      type: Contact,
      nullable: true,
      description: 'The contacts of a district, in the order of their ids. Costs one call a page.',
      complexity: (args) => ({ field: 1, multiplier: pageSize(args) / 3 }),
      args: {
        districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
      },
      resolve: async (_query, args, context) => {
        const district = await chooseDistrict(args.districtId, context)
        return district && readPage(context, district, 'contact', args, ({ contact }) => contact)
      },
    },
    { name: 'ContactConnection', description: 'A page of contacts.' },
    { name: 'ContactEdge', description: 'A contact on a page.' },
  ),
}))
