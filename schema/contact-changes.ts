import type { ChangedField } from '../src/access/changed-fields.ts'
import { successorOfChange } from '../src/view/change-successor.ts'
import { type ChangeNode, changeFor, contactOfChange } from '../src/view/changes.ts'
import { builder } from './builder.ts'
import { Contact } from './contact.ts'

const ContactChangeKind = builder.enumType('ContactChangeKind', {
  description: 'What happened to a contact, as far as you may see it.',
  values: {
    CREATED: { description: 'The contact is new, or has come into your sight.' },
    UPDATED: { description: 'Something of the contact that you may see is not what it was.' },
    DELETED: { description: 'The contact is gone, or has gone out of your sight.' },
    SUCCEEDED: { description: 'The contact has come in the place of another, which is the same person.' },
  } as const,
})

const CHANGED_FIELDS = {
  NAME: ['name', 'The name.'],
  EMAIL: ['email', 'The e-mail.'],
  PHONE: ['phone', 'The phone or its type.'],
  SIS_ID: ['sisId', 'The id in the system of the district.'],
  LEGACY_ID: ['legacyId', "The id in Clever's v2 API."],
  RELATIONSHIPS: ['relationships', 'The relationships to the students that you may see.'],
} as const satisfies Readonly<Record<string, readonly [ChangedField, string]>>

const ContactChangedField = builder.enumType('ContactChangedField', {
  description: 'A field of a contact that can change.',
  values: Object.fromEntries(
    Object.entries(CHANGED_FIELDS).map(([name, [value, description]]) => [name, { value, description }]),
  ),
})

const ContactChange = builder.objectRef<ChangeNode>('ContactChange').implement({
  description: 'That something happened to a contact.',
  fields: (t) => ({
    eventId: t.exposeID('eventId', {
      description: 'Its place among the changes of the district: goes into `after`. Ascends; opaque.',
    }),
    kind: t.expose('kind', { type: ContactChangeKind, description: 'What happened.' }),
    contactId: t.exposeID('contactId', { description: 'The contact that it happened to.' }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description:
        'The contact as of now, which may be later than the change. Null when it is gone, or out of your sight. Costs a call at most.',
      resolve: (change, _args, view) => contactOfChange(view, change),
    }),
    changedFields: t.expose('changedFields', {
      type: [ContactChangedField],
      nullable: true,
      description:
        'Of UPDATED: which fields of the contact are not what they were, of `name`, `email`, `phone`, `sisId`, `legacyId` and `relationships`. Null where nobody knows what was before.',
    }),
    previousContactId: t.exposeID('previousId', {
      nullable: true,
      description: 'Of SUCCEEDED: the id of the contact in whose place this one came.',
    }),
    successorContactId: t.id({
      nullable: true,
      description:
        'The id of the contact that replaced a deleted contact, as the same person. Null for every other kind, if no successor is known yet, which SUCCEEDED then reports, or if you may not see the successor. Cost: one call at most.',
      resolve: (change, _args, view) => successorOfChange(view, change),
    }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: 'When Clever told of it, some time after it happened.',
    }),
  }),
})

builder.subscriptionFields((t) => ({
  contactChanges: t.field({
    type: ContactChange,
    nullable: true,
    description:
      'The changes of the contacts that you may see, decided anew for each. Some time after they happen, as Clever tells late.',
    args: {
      districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
      afterEventId: t.arg.id({
        description:
          'The `eventId` of the last change that you were told: all that came after it is told. Without it, what comes from now on.',
      }),
    },
    subscribe: (_subscription, { districtId, afterEventId }, view) =>
      view.request.follow({ districtId, after: afterEventId }),
    resolve: (change, _args, view) => changeFor(view, change),
  }),
}))
