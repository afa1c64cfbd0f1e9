import { type ChangeNode, changeFor, contactOfChange } from '../src/view/changes.ts'
import { AUTHENTICATED, builder, requiresScopes } from './builder.ts'
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

const ContactChange = builder.objectRef<ChangeNode>('ContactChange').implement({
  description: 'That something happened to a contact.',
  directives: [AUTHENTICATED, requiresScopes('contacts:read', 'contacts:own')],
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
    changedFields: t.exposeStringList('changedFields', {
      nullable: true,
      description:
        'Of UPDATED: which fields of the contact are not what they were, of `name`, `email`, `phone`, `sisId`, `legacyId` and `relationships`. Null where nobody knows what was before.',
    }),
    previousId: t.exposeID('previousId', {
      nullable: true,
      description: 'Of SUCCEEDED: the id of the contact in whose place this one came.',
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
      after: t.arg.id({
        description:
          'The `eventId` of the last change that you were told: all that came after it is told. Without it, what comes from now on.',
      }),
    },
    subscribe: (_subscription, args, view) => view.request.follow(args),
    resolve: (change, _args, view) => changeFor(view, change),
  }),
}))
