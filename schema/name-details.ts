import type { PersonNameView } from '../src/view/profile.ts'
import { builder } from './builder.ts'

export const NameDetails = builder.objectRef<PersonNameView>('NameDetails').implement({
  description: 'The parts of a name. For a contact, `last` has the whole name: show `displayName`.',
  fields: (t) => {
    const part = (field: keyof PersonNameView, name: string) =>
      t.exposeString(field, { nullable: true, description: `The ${name}. Null if there is none.` })
    return {
      first: part('first', 'given name'),
      firstRaw: part('firstRaw', 'given name as the district wrote it'),
      middle: part('middle', 'middle name'),
      middleRaw: part('middleRaw', 'middle name as the district wrote it'),
      last: part('last', 'family name, or the whole name of a contact'),
      lastRaw: part('lastRaw', 'same text as in `last`, as the district wrote it'),
    }
  },
})
