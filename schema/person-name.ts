import type { ContactRecord, StudentRecord } from '../src/clever/records.ts'
import { builder } from './builder.ts'

type Name = StudentRecord['name']

export const PersonName = builder.objectRef<Name>('PersonName').implement({
  description:
    'The parts of a name as Clever has them. The whole name of a contact is in `last`: show `displayName`.',
  fields: (t) => ({
    first: t.exposeString('first', { nullable: true, description: 'Given name.' }),
    middle: t.exposeString('middle', { nullable: true, description: 'Middle name.' }),
    last: t.exposeString('last', {
      nullable: true,
      description: 'Family name; of a contact, the whole name.',
    }),
  }),
})

/** The parts that there are, as one would say them. Undefined for somebody without a name. */
export function displayName({ name }: Pick<ContactRecord, 'name'>): string | undefined {
  const parts = [name.first, name.middle, name.last].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(' ').replace(/\s+/gu, ' ').trim()
}
