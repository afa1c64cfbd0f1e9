import { builder } from './builder.ts'

/**
 * The enums are open: districts write what they like, so an unknown word becomes OTHER, a missing word or one such as
 * N/A becomes UNSPECIFIED, and the raw text stands in a field beside it.
 */
const OTHER = {
  description: 'Clever\'s own "Other", or a word that Clever does not document: see the raw text beside it.',
}
const UNSPECIFIED = { description: 'No value: no text, or a text such as N/A, Unknown or None.' }

export const RelationshipToStudent = builder.enumType('RelationshipToStudent', {
  description: 'What a contact is to a student.',
  values: {
    PARENT: { description: 'Parent.' },
    GRANDPARENT: { description: 'Grandparent.' },
    SELF: { description: 'The student in person.' },
    AUNT_UNCLE: { description: 'Aunt or uncle.' },
    SIBLING: { description: 'Sister or brother.' },
    OTHER,
    UNSPECIFIED,
  } as const,
})

export const StudentRelationshipType = builder.enumType('StudentRelationshipType', {
  description: 'In which capacity a contact is listed for a student.',
  values: {
    PARENT_GUARDIAN: { description: 'Parent or guardian.' },
    EMERGENCY: { description: 'To be called in an emergency.' },
    PRIMARY: { description: 'The first to be called.' },
    SECONDARY: { description: 'To be called when the first does not answer.' },
    FAMILY: { description: 'A member of the family.' },
    OTHER,
    UNSPECIFIED,
  } as const,
})

export const ContactPhoneType = builder.enumType('ContactPhoneType', {
  description: 'Where a phone rings.',
  values: {
    CELL: { description: 'A mobile phone.' },
    HOME: { description: 'At home.' },
    WORK: { description: 'At work.' },
    OTHER,
    UNSPECIFIED,
  } as const,
})

export const DistrictSyncState = builder.enumType('DistrictSyncState', {
  description: "How the district's last sync with Clever went.",
  values: {
    RUNNING: { description: 'A sync is going on.' },
    PENDING: { description: 'The first sync is still to come.' },
    ERROR: { description: 'The last sync failed: the data may be old.' },
    PAUSED: { description: 'Syncs are paused: the data may be old.' },
    SUCCESS: { description: 'The last sync went well.' },
    OTHER,
    UNSPECIFIED,
  } as const,
})
