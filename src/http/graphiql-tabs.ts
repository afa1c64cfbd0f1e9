/** People who are in every sandbox: the example of Clever's documentation. */
export const SANDBOX_CONTACT = '63850203bfb8460546071ef6'
const SANDBOX_STUDENT = '63850203bfb8460546071e6e'

// GraphiQL names a tab after its operation. Its "Prettify" does not change these queries.

const MIXED_CONTACT = `# One person is the uncle of two students
# and the parent of a third.
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

const VIEWER = `# The same person, signed in: the privileges
# of a parent for one student, and no others.
query WhatMayISee {
  contactsViewer {
    kind
    students {
      privileges
      student {
        displayName
      }
    }
    contacts {
      relationships {
        relationship
        student {
          displayName
        }
      }
    }
  }
}
`

const STUDENT = `# The contacts of one student, with their
# relationship to this student only.
query ContactsOfStudent {
  student(id: "${SANDBOX_STUDENT}") {
    displayName
    grade
    relationships {
      relationship
      type
      contact {
        displayName
        email { raw }
        phone {
          raw
          type
        }
      }
    }
  }
}
`

const PAGE = `# A page of contacts, each with the
# relationships to the contact's students.
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

const FIND = `# The contacts with this name, and the
# possible errors in their data.
query FindContacts {
  contacts(filter: { search: "collins" }) {
    totalCount
    nodes {
      displayName
      dataWarnings {
        code
        message
      }
    }
  }
}
`

const CHANGES = `# Runs until it is stopped, and shows the latest
# change. docs/quick-start.md makes one here.
subscription ContactChanges {
  contactChanges {
    eventId
    kind
    changedFields
    contact {
      displayName
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
    syncState
    lastSyncAt
  }
}
`

export interface Tab {
  readonly query: string
  /** The person whose sandbox token is in the headers. */
  readonly person?: string
  /** JSON, as GraphiQL requires. */
  readonly headers?: string
}

/** The person of each tab in the sandbox. The same query shows each person what that person may see. */
const SANDBOX_TABS = [
  ['service', MIXED_CONTACT],
  ['guardian', VIEWER],
  ['teacher', STUDENT],
  ['district admin', PAGE],
  ['service', DISTRICTS],
  ['service', FIND],
  ['service', CHANGES],
] as const

/**
 * The tabs, which all run without changes. In the sandbox they have known people and their tokens. With a
 * real district they have no ids.
 */
export function graphiqlTabs(
  isSandbox: boolean,
  tokens: readonly { readonly title: string; readonly token: string }[],
): readonly Tab[] {
  if (!isSandbox) return [{ query: DISTRICTS }, { query: PAGE }]
  return SANDBOX_TABS.map(([title, query]) => {
    const token = tokens.find((each) => each.title === title)?.token
    return token === undefined
      ? { query }
      : { query, person: title, headers: JSON.stringify({ authorization: `Bearer ${token}` }, null, 2) }
  })
}
