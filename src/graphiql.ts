import type { GraphiQLOptions } from 'graphql-yoga'

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

/**
 * GraphiQL 5 leaves a stale offset on its tabs and lets it loose at the first press: the tab jumps away and
 * the click is lost. The logo is the one option that goes into the page as HTML, so it carries the remedy.
 */
const TABS_STAY = '<style>.graphiql-tab { transform: none !important }</style>'

/** Tabs that each answer at a click: with known people in the sandbox, without ids over a real district. */
export function graphiqlOptions(isSandbox: boolean): GraphiQLOptions {
  const queries = isSandbox ? [MIXED_CONTACT, STUDENT, PAGE, DISTRICTS] : [DISTRICTS, PAGE]
  return {
    title: 'clever-contacts-gateway',
    logo: TABS_STAY,
    defaultTabs: queries.map((query) => ({ query })),
    // No tab has variables: the query gets their room.
    defaultEditorToolsVisibility: false,
    // What someone types there may be a secret; GraphiQL would keep it in the browser's storage.
    shouldPersistHeaders: false,
  }
}
