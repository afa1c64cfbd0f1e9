import type { ChangedField } from '../src/access/changed-fields.ts'
import { successorOfChange } from '../src/view/change-successor.ts'
import { type ChangeNode, changeFor, contactOfChange } from '../src/view/changes.ts'
import { builder } from './builder.ts'
import { Contact } from './contact.ts'

const ContactChangeKind = builder.enumType('ContactChangeKind', {
  description: 'The kind of a change, as far as the viewer may see it.',
  values: {
    CREATED: { description: 'A contact that is new, or that the viewer may see from now on.' },
    UPDATED: { description: 'A change to fields that the viewer may see.' },
    DELETED: { description: 'A contact that is gone, or that the viewer may no longer see.' },
    SUCCEEDED: { description: 'A contact that replaces another one, as the same person with a new id.' },
  } as const,
})

const CHANGED_FIELDS = {
  NAME: ['name', 'The name.'],
  EMAIL: ['email', 'The e-mail.'],
  PHONE: ['phone', 'The phone or its type.'],
  SIS_ID: ['sisId', "The id in the district's own system."],
  LEGACY_ID: ['legacyId', "The id in Clever's v2 API."],
  RELATIONSHIPS: ['relationships', 'The relationships to the students that the viewer may see.'],
} as const satisfies Readonly<Record<string, readonly [ChangedField, string]>>

const ContactChangedField = builder.enumType('ContactChangedField', {
  description: 'A field of a contact that can change.',
  values: Object.fromEntries(
    Object.entries(CHANGED_FIELDS).map(([name, [value, description]]) => [name, { value, description }]),
  ),
})

const ContactChange = builder.objectRef<ChangeNode>('ContactChange').implement({
  description: 'A change of one contact.',
  fields: (t) => ({
    eventId: t.exposeID('eventId', {
      description:
        'The position of the change among the changes of the district, for `afterEventId`. It ascends, and it is opaque.',
    }),
    kind: t.expose('kind', { type: ContactChangeKind, description: 'The kind of the change.' }),
    contactId: t.exposeID('contactId', { description: 'The id of the contact.' }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description:
        'The contact as it is now, which may be later than the change. Null if the contact is gone, or if the viewer may not see it. Cost: one call at most.',
      resolve: (change, _args, view) => contactOfChange(view, change),
    }),
    changedFields: t.expose('changedFields', {
      type: [ContactChangedField],
      nullable: true,
      description:
        'The fields that changed. Null if the kind is not UPDATED, or if the record before the change is not known.',
    }),
    previousContactId: t.exposeID('previousId', {
      nullable: true,
      description: 'The id of the contact that this one replaces. Null if the kind is not SUCCEEDED.',
    }),
    successorContactId: t.id({
      nullable: true,
      description:
        "The id of the contact that replaced a deleted contact, as the same person. If it is not known yet, a later SUCCEEDED change reports it. Null if the kind is not DELETED, if no successor is known yet, or if the viewer may not see the successor. Cost: for a viewer of a whole district, one call at most; for others, as for the contacts of the viewer's own students; for the first use after a start, also the past events of the district.",
      resolve: (change, _args, view) => successorOfChange(view, change),
    }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: 'The time at which Clever reported the change, some time after it happened.',
    }),
  }),
})

builder.subscriptionFields((t) => ({
  contactChanges: t.field({
    type: ContactChange,
    nullable: true,
    description:
      'The changes of the contacts that the viewer may see. Access is decided for each change. Clever reports a change some time after it happens. Null, with an error, if the change cannot be read.',
    args: {
      districtId: t.arg.id({
        description: 'The id of the district. Optional if the viewer has one district.',
      }),
      afterEventId: t.arg.id({
        description:
          'The `eventId` of the last change that the client received. The stream first sends every change after it. Without this argument, the stream begins with the next change.',
      }),
      changedAfter: t.arg({
        type: 'DateTime',
        description:
          'A time to begin after, for a client that has received no change yet, such as `extensions.freshness.oldest` of the answer that it shows. The stream first sends every change that Clever reported after it, and may repeat some from shortly before. Without effect if there is an `afterEventId`.',
      }),
    },
    subscribe: (_subscription, { districtId, afterEventId, changedAfter }, view) =>
      view.request.follow({ districtId, after: afterEventId, changedAfter }),
    resolve: (change, _args, view) => changeFor(view, change),
  }),
}))
