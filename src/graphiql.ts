import type { GraphiQLOptions } from 'graphql-yoga'

const PAGE = `# A page of contacts, each with what they are to each student.
query PageOfContacts {
  contacts(first: 10) {
    totalCount
    nodes {
      displayName
      relationships {
        relationship
        type
        student { displayName grade }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`

const DISTRICT = `# The districts that share with this application.
query Districts {
  districts { id name sisType state lastSyncAt }
}
`

/** People who are in every sandbox: the example of Clever's documentation. */
export const SANDBOX_CONTACT = '63850203bfb8460546071ef6'
const SANDBOX_STUDENT = '63850203bfb8460546071e6e'

export const MIXED_CONTACT = `# One person: parent of one student, aunt or uncle of two others.
query MixedContact {
  contact(id: "${SANDBOX_CONTACT}") {
    displayName
    relationships {
      relationship
      type
      student { id displayName }
    }
  }
}
`

const STUDENT = `# What each contact is to this student, and to no other.
query StudentsContacts {
  student(id: "${SANDBOX_STUDENT}") {
    displayName
    grade
    relationships {
      relationship
      type
      contact { displayName email phone { raw type } }
    }
  }
}
`

/** Tabs that each answer at a click: with known people in the sandbox, without ids over a real district. */
export function graphiqlOptions(isSandbox: boolean): GraphiQLOptions {
  const queries = isSandbox ? [MIXED_CONTACT, STUDENT, PAGE, DISTRICT] : [DISTRICT, PAGE]
  return { title: 'clever-contacts-gateway', defaultTabs: queries.map((query) => ({ query })) }
}
