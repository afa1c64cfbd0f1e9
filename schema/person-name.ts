import type { StudentRecord } from '../src/clever/records.ts'
import { displayText } from '../src/quality/names.ts'
import { builder } from './builder.ts'

type Name = StudentRecord['name']
type Part = keyof Name

export const PersonName = builder.objectRef<Name>('PersonName').implement({
  description: 'The parts of a name. The whole name of a contact is in `last`: show `displayName`.',
  fields: (t) => {
    const part = (name: Part, description: string) =>
      t.string({ nullable: true, description, resolve: (parts) => displayText(parts[name]) })
    const raw = (name: Part) =>
      t.string({
        nullable: true,
        description: 'The same as the district wrote it.',
        resolve: (parts) => parts[name],
      })
    return {
      first: part('first', 'Given name.'),
      firstRaw: raw('first'),
      middle: part('middle', 'Middle name.'),
      middleRaw: raw('middle'),
      last: part('last', 'Family name; of a contact, the whole name.'),
      lastRaw: raw('last'),
    }
  },
})
