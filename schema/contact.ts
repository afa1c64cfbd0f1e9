import type { Reader, VisibleContact } from '../src/access/reader.ts'
import type { ContactRecord } from '../src/clever/records.ts'
import type { GatewayContext } from '../src/context.ts'
import { type MaybePromise, run, type Steps, wait } from '../src/maybe-promise.ts'
import { identityOf } from '../src/quality/identity.ts'
import { displayName } from '../src/quality/names.ts'
import type { Country } from '../src/quality/phones.ts'
import type { Warning } from '../src/quality/warnings.ts'
import { Email, Phone } from './addresses.ts'
import { AUTHENTICATED, builder, KEYS, PII, requiresScopes } from './builder.ts'
import { ContactIdentity, DataWarning, warningsFor } from './data-quality.ts'
import { District, districtArgument, parseWhere } from './district.ts'
import { ContactFilter, contactsComplexity, contactTest } from './filters.ts'
import { type Listing, pageSize, readConnection } from './paging.ts'
import { PersonName } from './person-name.ts'
import { StudentRelationship } from './student-relationship.ts'

/** What is only shown in full. */
function detail<Value>(
  { record, detail }: VisibleContact,
  read: (record: ContactRecord) => Value,
): Value | undefined {
  return detail === 'FULL' ? read(record) : undefined
}

export const Contact = builder.objectRef<VisibleContact>('Contact').implement({
  description:
    'A guardian, relative or other person to turn to for one or more students. What they are depends on the student: see `relationships`.',
  directives: [...KEYS, AUTHENTICATED, requiresScopes('contacts:read', 'contacts:own')],
  fields: (t) => ({
    id: t.id({
      description:
        "Clever's v3 id of the contact. It changes with the name, e-mail or phone where there is no `sisId`.",
      resolve: ({ record }) => record.id,
    }),
    isSuccessor: t.boolean({
      description:
        'Whether another id was asked for, one that names nobody any more, and this contact took its place. That is concluded from what Clever told of the two; Clever itself does not say it.',
      resolve: ({ askedAs }) => askedAs !== undefined,
    }),
    previousIds: t.idList({
      nullable: true,
      description:
        'The ids that the contact had within the last weeks, the latest first, as far as events told and nobody else could be meant. Nothing is decided by them. Costs no call.',
      resolve: (contact, _args, { reader }) =>
        contact.detail === 'FULL' ? reader.previousIds(contact) : undefined,
    }),
    districtId: t.id({
      description: 'The district of the contact. Costs no call.',
      resolve: ({ record }) => record.districtId,
    }),
    district: t.field({
      type: District,
      nullable: true,
      description: 'The district of the contact.',
      resolve: ({ record }, _args, { reader }) => reader.district(record.districtId),
    }),
    displayName: t.string({
      directives: PII,
      nullable: true,
      description: 'The whole name, to show.',
      resolve: ({ record }) => displayName(record.name),
    }),
    name: t.field({
      directives: PII,
      type: PersonName,
      description: 'The parts of the name, as Clever has them.',
      resolve: ({ record }) => record.name,
    }),
    email: t.field({
      directives: PII,
      type: Email,
      nullable: true,
      description: 'The e-mail, where there is one.',
      resolve: (contact) => detail(contact, ({ email: raw }) => (raw === undefined ? undefined : { raw })),
    }),
    phone: t.field({
      directives: PII,
      type: Phone,
      nullable: true,
      description: 'The phone, where there is one.',
      resolve: (contact) =>
        detail(contact, ({ phone, phoneType: type }) => (phone === undefined ? undefined : { phone, type })),
    }),
    sisId: t.string({
      directives: PII,
      nullable: true,
      description: "The id in the district's own system.",
      resolve: (contact) => detail(contact, ({ sisId }) => sisId),
    }),
    legacyId: t.string({
      directives: PII,
      nullable: true,
      description: "The id in Clever's v2 API.",
      resolve: (contact) => detail(contact, ({ legacyId }) => legacyId),
    }),
    identity: t.field({
      type: ContactIdentity,
      nullable: true,
      description: 'How far the id can be relied on.',
      resolve: (contact) => detail(contact, identityOf),
    }),
    dataWarnings: t.field({
      type: [DataWarning],
      nullable: true,
      description:
        'What may be wrong with the data, as far as it concerns students that you may see. Costs as much as those students with all their contacts do.',
      resolve: (contact, _args, { reader, phoneCountry }) =>
        contact.detail === 'FULL' ? run(warningsOfVisible(contact, reader, phoneCountry)) : undefined,
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When Clever first had the record.',
      resolve: (contact) => detail(contact, ({ createdAt }) => createdAt),
    }),
    lastModifiedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the record last changed in Clever.',
      resolve: (contact) => detail(contact, ({ lastModifiedAt }) => lastModifiedAt),
    }),
    relationships: t.field({
      type: [StudentRelationship],
      description:
        'What the contact is to each student that you may see: one entry for each time the SIS lists the two. Costs no call of its own.',
      resolve: (contact, _args, { reader }) => reader.relationshipsOfContact(contact),
    }),
  }),
})

/** Of the students that the viewer may see, and of no others: a warning about a student tells that there is one. */
function* warningsOfVisible(
  contact: VisibleContact,
  reader: Reader,
  phoneCountry: Country,
): Steps<readonly Warning[]> {
  return yield* wait(warningsFor(yield* wait(reader.narrow(contact)), reader, phoneCountry))
}

/** As an entity, which is nobody but who has this key: undefined for whoever is no contact, or may not be seen. Throws what the reader throws. */
export function readContact(
  key: { readonly id: string; readonly districtId?: string | null | undefined },
  { reader }: GatewayContext,
): MaybePromise<VisibleContact | undefined> {
  const where = parseWhere(key)
  return where && reader.contact(where)
}

export const CONTACTS: Listing<VisibleContact> = {
  idOf: ({ record }) => record.id,
  own: (reader, ...asked) => reader.ownContacts(...asked),
  one: (reader, id) => reader.contact({ id }),
  inDistrict: (reader, ...asked) => reader.contactsIn(...asked),
  count: (reader, ...asked) => reader.countContacts(...asked),
}

builder.queryFields((t) => ({
  contact: t.field({
    type: Contact,
    nullable: true,
    description:
      'The contact with this id, or the one that took its place where the district is kept ready by events: see `isSuccessor`. Null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: "Clever's v3 id of the contact." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, args, { reader }) => {
      const where = parseWhere(args)
      return where && reader.contactOrSuccessor(where)
    },
  }),
  contacts: t.connection(
    {
      type: Contact,
      nullable: true,
      description:
        'The contacts that you may see, in the order of their ids: of a district, or those of your own students.',
      complexity: (args) => ({
        field: contactsComplexity(args.filter),
        multiplier: pageSize(args) / 3,
      }),
      args: {
        filter: t.arg({ type: ContactFilter, description: 'Only these; all unless given.' }),
        districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
      },
      resolve: (_query, args, context) =>
        readConnection(CONTACTS, context.reader, args, contactTest(args.filter, context)),
    },
    { name: 'ContactConnection', description: 'A page of contacts.' },
    { name: 'ContactEdge', description: 'A contact on a page.' },
  ),
}))
