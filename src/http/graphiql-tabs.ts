/** People who are in every sandbox: the example of Clever's documentation. */
export const SANDBOX_CONTACT = '63850203bfb8460546071ef6'
const SANDBOX_STUDENT = '63850203bfb8460546071e6e'
const SANDBOX_NEPHEW_OR_NIECE = '63850203bfb8460546071e62'

// GraphiQL names a tab after its operation. Its "Prettify" does not change these queries.

const SERVICE = `# A service sees everyone. This contact is uncle
# of two students and parent of a third.
query AsService {
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

const GUARDIAN = `# The same contact, signed in, has the privileges
# of a parent for one student. An uncle has none.
query AsGuardian {
  contactsViewer {
    kind
    students {
      privileges
      student {
        displayName
      }
    }
    contacts {
      displayName
      relationships {
        relationship
        student {
          displayName
        }
      }
    }
  }
  niece: student(id: "${SANDBOX_NEPHEW_OR_NIECE}") {
    displayName
  }
}
`

const TEACHER = `# A teacher sees the contacts of own students, with
# the relationship to this student only.
query AsTeacher {
  student(id: "${SANDBOX_STUDENT}") {
    displayName
    grade
    relationships {
      relationship
      type
      contact {
        displayName
        email {
          raw
        }
        phone {
          raw
          type
        }
      }
    }
  }
}
`

const SCHOOL_STAFF = `# School staff search the contacts of their school,
# with the possible errors in their data.
query AsSchoolStaff {
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

const DISTRICT_ADMIN = `# A district administrator pages through the
# contacts of the district.
query AsDistrictAdmin {
  districts {
    name
    syncState
  }
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

const STUDENT = `# A student sees the own contacts, without their
# e-mail addresses and phone numbers.
query AsStudent {
  students {
    nodes {
      displayName
      relationships {
        relationship
        contact {
          displayName
          email {
            raw
          }
          phone {
            raw
          }
        }
      }
    }
  }
}
`

const CHANGES = `# Runs until it is stopped, and shows the latest
# change. docs/quick-start.md makes one here.
subscription Changes {
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

export interface Tab {
  readonly query: string
  /** The person whose sandbox token is in the headers. */
  readonly person?: string
  /** JSON, as GraphiQL requires. */
  readonly headers?: string
}

/** The person of each tab in the sandbox. */
const SANDBOX_TABS = [
  ['service', SERVICE],
  ['guardian', GUARDIAN],
  ['teacher', TEACHER],
  ['school staff', SCHOOL_STAFF],
  ['district admin', DISTRICT_ADMIN],
  ['student', STUDENT],
  ['service', CHANGES],
] as const

/**
 * The tabs, which all run without changes. With tokens of the sandbox they have its people, each with the own
 * token. Without, as with a real district or issuer, they have no people.
 */
export function graphiqlTabs(
  tokens: readonly { readonly title: string; readonly token: string }[],
): readonly Tab[] {
  if (tokens.length === 0) return [{ query: DISTRICTS }, { query: PAGE }]
  return SANDBOX_TABS.flatMap(([title, query]) => {
    const token = tokens.find((each) => each.title === title)?.token
    const headers = JSON.stringify({ authorization: `Bearer ${token}` }, null, 2)
    return token === undefined ? [] : [{ query, person: title, headers }]
  })
}
