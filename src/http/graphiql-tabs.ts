/** People who are in every sandbox: the example of Clever's documentation. */
export const SANDBOX_CONTACT = '63850203bfb8460546071ef6'
const SANDBOX_STUDENT = '63850203bfb8460546071e6e'

// GraphiQL calls a tab after its operation, and its "Prettify" leaves these as they are.

const MIXED_CONTACT = `# One person: aunt or uncle of two students,
# parent of a third.
query MixedContact {
  contact(id: "${SANDBOX_CONTACT}") {
    displayName
    relationships {
      relationship
      type
      student {
        displayName
      }
    }
  }
}
`

const STUDENT = `# What each contact is to this student,
# and to no other.
query ContactsOfStudent {
  student(id: "${SANDBOX_STUDENT}") {
    displayName
    grade
    relationships {
      relationship
      type
      contact {
        displayName
        email
        phone {
          raw
          type
        }
      }
    }
  }
}
`

const PAGE = `# A page of contacts, each with what they are
# to each of their students.
query PageOfContacts {
  contacts(first: 10) {
    totalCount
    nodes {
      displayName
      relationships {
        relationship
        type
        student {
          displayName
          grade
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`

const DISTRICTS = `# The districts that share their data
# with this application.
query Districts {
  districts {
    id
    name
    sisType
    state
    lastSyncAt
  }
}
`

/** Queries that each answer at a click: of known people in the sandbox, without ids over a real district. */
export function graphiqlTabs(isSandbox: boolean): readonly string[] {
  return isSandbox ? [MIXED_CONTACT, STUDENT, PAGE, DISTRICTS] : [DISTRICTS, PAGE]
}
