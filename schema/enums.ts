import { builder } from './builder.ts'

/**
 * The enums are open, because districts write any word. An unknown word is OTHER, and a missing word or one such as N/A is
 * UNSPECIFIED. The raw text is in a field beside it.
 */
const OTHER = {
  description:
    'The word "Other" of Clever, or a word that Clever does not document. The field beside it has the raw text.',
}
const UNSPECIFIED = { description: 'An empty value, or a text such as N/A, Unknown or None.' }

export const RelationshipToStudent = builder.enumType('RelationshipToStudent', {
  description: 'The relationship of a contact to a student.',
  values: {
    PARENT: { description: 'A parent.' },
    GRANDPARENT: { description: 'A grandparent.' },
    SELF: { description: 'The student, listed as a contact.' },
    AUNT_UNCLE: { description: 'An aunt or uncle.' },
    SIBLING: { description: 'A sister or brother.' },
    OTHER,
    UNSPECIFIED,
  } as const,
})

export const StudentRelationshipType = builder.enumType('StudentRelationshipType', {
  description: 'The reason why a contact is listed for a student.',
  values: {
    PARENT_GUARDIAN: { description: 'A parent or guardian.' },
    EMERGENCY: { description: 'A contact for emergencies.' },
    PRIMARY: { description: 'The first contact to call.' },
    SECONDARY: { description: 'The contact to call if the first one does not answer.' },
    FAMILY: { description: 'A member of the family.' },
    OTHER,
    UNSPECIFIED,
  } as const,
})

export const ContactPhoneType = builder.enumType('ContactPhoneType', {
  description: 'The type of a phone.',
  values: {
    CELL: { description: 'A mobile phone.' },
    HOME: { description: 'A phone at home.' },
    WORK: { description: 'A phone at work.' },
    OTHER,
    UNSPECIFIED,
  } as const,
})

export const DistrictSyncState = builder.enumType('DistrictSyncState', {
  description: 'The state of the last sync of a district with Clever.',
  values: {
    RUNNING: { description: 'A sync that is in progress.' },
    PENDING: { description: 'A first sync that has not started.' },
    ERROR: { description: 'A sync that failed. The data may be old.' },
    PAUSED: { description: 'A sync that is paused. The data may be old.' },
    SUCCESS: { description: 'A sync that succeeded.' },
    OTHER,
    UNSPECIFIED,
  } as const,
})
