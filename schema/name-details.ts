import type { PersonNameView } from '../src/view/profile.ts'
import { builder } from './builder.ts'

export const NameDetails = builder.objectRef<PersonNameView>('NameDetails').implement({
  description: 'The parts of a name. The whole name of a contact is in `last`: show `displayName`.',
  fields: (t) => {
    const part = (name: keyof PersonNameView, description: string) =>
      t.exposeString(name, { nullable: true, description })
    const raw = 'The same as the district wrote it.'
    return {
      first: part('first', 'Given name.'),
      firstRaw: part('firstRaw', raw),
      middle: part('middle', 'Middle name.'),
      middleRaw: part('middleRaw', raw),
      last: part('last', 'Family name; of a contact, the whole name.'),
      lastRaw: part('lastRaw', raw),
    }
  },
})
