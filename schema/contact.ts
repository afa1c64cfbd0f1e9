import { isShown } from '../src/access/redact.ts'
import { identityOf } from '../src/quality/identity.ts'
import type { ContactNode } from '../src/view/contact-node.ts'
import { findContact, findContactOrSuccessor, previousIdsOf } from '../src/view/contacts.ts'
import { districtRecord } from '../src/view/districts.ts'
import { CONTACTS } from '../src/view/lists.ts'
import { contactOrder } from '../src/view/order.ts'
import { relationshipsOf, visibleRecord } from '../src/view/sight.ts'
import type { View } from '../src/view/view.ts'
import { warningsFor } from '../src/view/warnings.ts'
import { EmailDetails, PhoneDetails } from './addresses.ts'
import { builder, KEYS, PII } from './builder.ts'
import { connectionType, pagingArguments } from './connection.ts'
import { ContactDataWarning, ContactIdentity } from './data-quality.ts'
import { District, districtArgument, parseWhere } from './district.ts'
import { ContactFilter, contactsComplexity, contactTest } from './filters.ts'
import { NameDetails } from './name-details.ts'
import { ContactOrder, orderArgument, orderComplexity } from './order.ts'
import { readOrdered } from './ordered-lists.ts'
import { pageSize } from './paging.ts'
import { StudentRelationship } from './student-relationship.ts'

export const Contact = builder.objectRef<ContactNode>('Contact').implement({
  description:
    'A guardian, relative or other person to turn to for one or more students. What they are depends on the student: see `relationships`.',
  directives: KEYS,
  fields: (t) => ({
    id: t.exposeID('id', {
      description:
        "Clever's v3 id of the contact. It changes with the name, e-mail or phone where there is no `sisId`.",
    }),
    previousIds: t.idList({
      nullable: true,
      description:
        'The ids that the contact had within the last weeks, the latest first, as far as events told and nobody else could be meant. Nothing is decided by them. Costs no call.',
      resolve: (contact, _args, view) =>
        isShown('previousIds', contact) ? previousIdsOf(view, contact) : undefined,
    }),
    districtId: t.exposeID('districtId', {
      nullable: true,
      description: 'The district of the contact. Costs no call.',
    }),
    district: t.field({
      type: District,
      nullable: true,
      description: 'The district of the contact.',
      resolve: ({ record }, _args, view) => districtRecord(view, record.districtId),
    }),
    displayName: t.exposeString('displayName', {
      directives: PII,
      nullable: true,
      description: 'The whole name, to show.',
    }),
    name: t.expose('name', {
      directives: PII,
      nullable: true,
      type: NameDetails,
      description: 'The parts of the name, as Clever has them.',
    }),
    email: t.expose('email', {
      directives: PII,
      type: EmailDetails,
      nullable: true,
      description: 'The e-mail, where there is one.',
    }),
    phone: t.expose('phone', {
      directives: PII,
      type: PhoneDetails,
      nullable: true,
      description: 'The phone, where there is one.',
    }),
    sisId: t.exposeString('sisId', {
      directives: PII,
      nullable: true,
      description: "The id in the district's own system.",
    }),
    legacyId: t.exposeString('legacyId', {
      directives: PII,
      nullable: true,
      description: "The id in Clever's v2 API.",
    }),
    identity: t.field({
      directives: PII,
      type: ContactIdentity,
      nullable: true,
      description: 'How far the id can be relied on.',
      resolve: (contact, _args, view) =>
        isShown('identity', contact) ? identityOf(visibleRecord(view, contact)) : undefined,
    }),
    dataWarnings: t.field({
      directives: PII,
      type: [ContactDataWarning],
      nullable: true,
      description:
        'What may be wrong with the data, as far as it concerns students that you may see. Costs as much as those students with all their contacts do.',
      resolve: (contact, _args, view) =>
        isShown('dataWarnings', contact)
          ? view.once(contact.profile, () => warningsFor(view, contact))
          : undefined,
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When Clever first had the record.',
    }),
    lastModifiedAt: t.expose('lastModifiedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the record last changed in Clever. Null for a viewer who may not see every student of the district: the change may be one that is hidden.',
    }),
    relationships: t.field({
      type: [StudentRelationship],
      nullable: { list: true, items: true },
      description:
        'What the contact is to each student that you may see: one entry for each time the SIS lists the two. Costs no call of its own.',
      resolve: (contact, _args, view) => relationshipsOf(view, contact),
    }),
  }),
})

/** As an entity, which is the contact with this key and never its successor. Throws what the view throws. */
export function readContact(
  key: { readonly id: string; readonly districtId?: string | null | undefined },
  view: View,
): ContactNode | undefined {
  const where = parseWhere(key)
  return where && findContact(view, where)
}

export const ContactConnection = connectionType(
  'Contact',
  Contact,
  'A page of contacts.',
  'A contact on a page.',
)

builder.queryFields((t) => ({
  contact: t.field({
    type: Contact,
    nullable: true,
    description:
      'The contact with this id, or the one that took its place where the district is kept ready by events: then its `id` is not the one that was asked for. Null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: "Clever's v3 id of the contact." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, args, view) => {
      const where = parseWhere(args)
      return where && findContactOrSuccessor(view, where)
    },
  }),
  contacts: t.field({
    type: ContactConnection,
    nullable: true,
    description: 'The contacts that you may see: of a district, or those of your own students.',
    complexity: (args) => ({
      field: Math.max(contactsComplexity(args.filter), orderComplexity(args.orderBy)),
      multiplier: pageSize(args) / 3,
    }),
    args: {
      filter: t.arg({ type: ContactFilter, description: 'Only these; all unless given.' }),
      orderBy: t.arg({ type: ContactOrder, ...orderArgument }),
      districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
      ...pagingArguments,
    },
    resolve: (_query, args, view) =>
      readOrdered<'contact'>(view, CONTACTS, args, contactTest(args.filter, view), contactOrder),
  }),
}))
