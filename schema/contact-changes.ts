import type { VisibleChange } from '../src/access/reader.ts'
import type { GatewayContext } from '../src/context.ts'
import { AUTHENTICATED, builder, requiresScopes } from './builder.ts'
import { refuseTooComplex } from './complexity.ts'
import { Contact } from './contact.ts'
import { findDistrict, onlyDistrict } from './district.ts'
import { badInput } from './errors.ts'
import { given } from './given.ts'

const ContactChangeKind = builder.enumType('ContactChangeKind', {
  description: 'What happened to a contact, as far as you may see it.',
  values: {
    CREATED: { description: 'The contact is new, or has come into your sight.' },
    UPDATED: { description: 'Something of the contact that you may see is not what it was.' },
    DELETED: { description: 'The contact is gone, or has gone out of your sight.' },
    SUCCEEDED: { description: 'The contact has come in the place of another, which is the same person.' },
  } as const,
})

const ContactChange = builder.objectRef<VisibleChange>('ContactChange').implement({
  description: 'That something happened to a contact.',
  directives: [AUTHENTICATED, requiresScopes('contacts:read', 'contacts:own')],
  fields: (t) => ({
    eventId: t.id({
      description: 'Its place among the changes of the district: goes into `after`. Ascends; opaque.',
      resolve: ({ change }) => change.id,
    }),
    kind: t.field({
      type: ContactChangeKind,
      description: 'What happened.',
      resolve: ({ kind }) => kind,
    }),
    contactId: t.id({
      description: 'The contact that it happened to.',
      resolve: ({ change }) => change.contactId,
    }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description:
        'The contact as of now, which may be later than the change. Null when it is gone, or out of your sight. Costs a call at most.',
      resolve: (change, _args, { reader }) => reader.contactOfChange(change),
    }),
    changedFields: t.stringList({
      nullable: true,
      description:
        'Of UPDATED: which fields of the contact are not what they were, of `name`, `email`, `phone`, `sisId`, `legacyId` and `relationships`. Null where nobody knows what was before.',
      resolve: ({ changedFields }) => changedFields,
    }),
    previousId: t.id({
      nullable: true,
      description: 'Of SUCCEEDED: the id of the contact in whose place this one came.',
      resolve: ({ change }) => change.previousId,
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When Clever told of it, some time after it happened.',
      resolve: ({ change }) => new Date(change.toldAt).toISOString(),
    }),
  }),
})

async function follow(
  { districtId, after }: { districtId?: string | null | undefined; after?: string | null | undefined },
  { reader, changesIn, lastEventId }: GatewayContext,
) {
  const named = given(districtId)
  const district = named === undefined ? await onlyDistrict(reader) : await findDistrict(named, reader)
  if (district === undefined) throw badInput('There is no such district that you have to do with.')
  return changesIn(district, given(after) ?? lastEventId)
}

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
    subscribe: (_subscription, args, context, info) => {
      refuseTooComplex(info)
      return follow(args, context)
    },
    resolve: (change, _args, { reader }) => reader.change(change),
  }),
}))
