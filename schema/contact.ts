import { isShown } from '../src/access/redact.ts'
import { identityOf } from '../src/quality/identity.ts'
import type { ContactNode } from '../src/view/contact-node.ts'
import { findContact, findContactOrSuccessor, previousIdsOf } from '../src/view/contacts.ts'
import { districtRecord } from '../src/view/districts.ts'
import { CONTACTS } from '../src/view/lists.ts'
import { contactOrder } from '../src/view/order.ts'
import type { View } from '../src/view/view.ts'
import { relationshipsOf, visibleRecord } from '../src/view/visible.ts'
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
    'A guardian, relative or other person who is listed for one or more students. The relationship depends on the student: see `relationships`. In a supergraph, every field but `id` is null if the record does not exist, or if the viewer may not see it.',
  directives: KEYS,
  fields: (t) => ({
    id: t.exposeID('id', {
      description:
        "Clever's v3 id of the contact. Without a `sisId`, the id changes with the name, e-mail or phone.",
    }),
    previousIds: t.idList({
      nullable: true,
      description:
        'The ids that the contact had in the last weeks, the latest first. The gateway concludes them from events, and no decision rests on them. Null if the viewer may not see the details of the contact. Cost: none; for the first use after a start, the past events of the district.',
      resolve: (contact, _args, view) =>
        isShown('previousIds', contact) ? previousIdsOf(view, contact) : undefined,
    }),
    districtId: t.exposeID('districtId', {
      nullable: true,
      description: 'The id of the district. Cost: none.',
    }),
    district: t.field({
      type: District,
      nullable: true,
      description:
        'The district of the contact. Null, with an error, if Clever cannot be read. Cost: one call for each district in a request.',
      resolve: ({ record }, _args, view) => districtRecord(view, record.districtId),
    }),
    displayName: t.exposeString('displayName', {
      directives: PII,
      nullable: true,
      description: 'The whole name, for display. Null if the record has no name.',
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
      description: 'The e-mail. Null if there is none, or if the viewer may not see it.',
    }),
    phone: t.expose('phone', {
      directives: PII,
      type: PhoneDetails,
      nullable: true,
      description: 'The phone. Null if there is none, or if the viewer may not see it.',
    }),
    sisId: t.exposeString('sisId', {
      directives: PII,
      nullable: true,
      description:
        "The id in the district's own system. Null if there is none, or if the viewer may not see it.",
    }),
    legacyId: t.exposeString('legacyId', {
      directives: PII,
      nullable: true,
      description: "The id in Clever's v2 API. Null if there is none, or if the viewer may not see it.",
    }),
  }),
})

builder.objectFields(Contact, (t) => ({
  identity: t.field({
    directives: PII,
    type: ContactIdentity,
    nullable: true,
    description:
      'The basis of the id, and its reliability. Null if the viewer may not see the details of the contact.',
    resolve: (contact, _args, view) =>
      isShown('identity', contact) ? identityOf(visibleRecord(view, contact)) : undefined,
  }),
  dataWarnings: t.field({
    directives: PII,
    type: [ContactDataWarning],
    nullable: true,
    description:
      'The possible errors in the data, about students that the viewer may see. Null if the viewer may not see the details of the contact. Cost: that of those students with all their contacts.',
    resolve: (contact, _args, view) =>
      isShown('dataWarnings', contact)
        ? view.once(contact.profile, () => warningsFor(view, contact))
        : undefined,
  }),
  createdAt: t.expose('createdAt', {
    type: 'DateTime',
    nullable: true,
    description:
      'The time at which Clever created the record. Null if Clever does not report it, or if the viewer may not see the details of the contact.',
  }),
  lastModifiedAt: t.expose('lastModifiedAt', {
    type: 'DateTime',
    nullable: true,
    description:
      'The time of the last change in Clever. Null if Clever does not report it, or if the viewer may not see every student of the district: the change may concern another student.',
  }),
  relationships: t.field({
    type: [StudentRelationship],
    nullable: { list: true, items: true },
    description:
      'The relationships to the students that the viewer may see, one for each time that the district lists the pair. Cost: none.',
    resolve: (contact, _args, view) => relationshipsOf(view, contact),
  }),
}))

/**
 * The contact with this key, and never its successor, because a key names one record. Throws the errors of
 * the view.
 */
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
      'The contact with this id. In a district with events, also its successor after an id change: then `id` differs from the argument. Null if there is none, or if the viewer may not see it. Cost: one call, or none if the store has the record; without `districtId`, one call for each district; for the first unknown id after a start, also the past events of the district.',
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
    description:
      "The contacts that the viewer may see: those of a district, or those of the viewer's own students. Null if the viewer cannot reach the district, or, with an error, if Clever cannot be read. Cost: one call for a page, or none if the store has the records; a filter or an order other than by id takes a scan of the whole list.",
    complexity: (args) => ({
      field: Math.max(contactsComplexity(args.filter), orderComplexity(args.orderBy)),
      multiplier: pageSize(args) / 3,
    }),
    args: {
      filter: t.arg({
        type: ContactFilter,
        description: 'The conditions. Without them, the list has every contact that the viewer may see.',
      }),
      orderBy: t.arg({ type: ContactOrder, ...orderArgument }),
      districtId: t.arg.id({
        description: 'The id of the district. Optional, unless the viewer may see several whole districts.',
      }),
      ...pagingArguments,
    },
    resolve: (_query, args, view) =>
      readOrdered<'contact'>(view, CONTACTS, args, contactTest(args.filter, view), contactOrder),
  }),
}))
