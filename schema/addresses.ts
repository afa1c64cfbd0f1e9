import type { ContactRecord } from '../src/clever/records.ts'
import { readEmail } from '../src/quality/emails.ts'
import { inferPhoneType } from '../src/quality/inference.ts'
import { readPhone } from '../src/quality/phones.ts'
import { builder } from './builder.ts'
import { PhoneType } from './enums.ts'

interface Reachable {
  readonly phone: string
  readonly type: ContactRecord['phoneType']
}

export const Phone = builder.objectRef<Reachable>('Phone').implement({
  description: 'The one phone that Clever has of a contact.',
  fields: (t) => ({
    raw: t.exposeString('phone', { description: 'As the district wrote it.' }),
    e164: t.string({
      nullable: true,
      description: 'In the form +12015550123, for machines. Null where no number can be made out.',
      resolve: ({ phone }, _args, { phoneCountry }) => readPhone(phone, phoneCountry).e164,
    }),
    national: t.string({
      nullable: true,
      description: 'As it is written in its own country, for people.',
      resolve: ({ phone }, _args, { phoneCountry }) => readPhone(phone, phoneCountry).national,
    }),
    extension: t.string({
      nullable: true,
      description: 'The extension, where there is one.',
      resolve: ({ phone }, _args, { phoneCountry }) => readPhone(phone, phoneCountry).extension,
    }),
    isValid: t.boolean({
      description: 'Whether such a number can exist. Not whether anybody answers.',
      resolve: ({ phone }, _args, { phoneCountry }) => readPhone(phone, phoneCountry).isValid,
    }),
    type: t.field({
      type: PhoneType,
      description: 'Where it rings.',
      resolve: ({ type }) => inferPhoneType(type).value,
    }),
    typeIsInferred: t.boolean({
      description:
        'Whether the type is the common meaning of the district\'s word, such as "mobile", and not a word that Clever documents.',
      resolve: ({ type }) => inferPhoneType(type).isInferred,
    }),
    typeRaw: t.string({
      nullable: true,
      description: 'The type in the words of the district.',
      resolve: ({ type }) => type.raw,
    }),
  }),
})

export const Email = builder.objectRef<{ readonly raw: string }>('Email').implement({
  description: 'An e-mail address: not verified, not unique.',
  fields: (t) => ({
    raw: t.exposeString('raw', { description: 'As the district wrote it.' }),
    normalised: t.string({
      nullable: true,
      description: 'The address alone, in lower case. Null where there is none to be made out.',
      resolve: ({ raw }) => readEmail(raw).normalised,
    }),
    isValid: t.boolean({
      description: 'Whether such an address can exist. Not whether anybody reads it.',
      resolve: ({ raw }) => readEmail(raw).isValid,
    }),
  }),
})
