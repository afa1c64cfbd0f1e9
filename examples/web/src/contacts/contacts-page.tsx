import { useQuery, useReactiveVar } from '@apollo/client/react'
import { useState } from 'react'
import { FocusedHeading } from '../focused-heading.tsx'
import { messageOf } from '../graphql/errors.ts'
import { isStale } from '../graphql/freshness-link.ts'
import { graphql } from '../graphql/graphql.ts'
import { titleOf } from '../session/people.ts'
import type { Session } from '../session/session.ts'
import { District } from './district.tsx'

const Viewer = graphql(`
  query Viewer {
    contactsViewer {
      displayName
    }
    districts {
      id
      name
    }
  }
`)

export function ContactsPage({ session, onSignOut }: { session: Session; onSignOut: () => void }) {
  const { data, error, refetch } = useQuery(Viewer, { errorPolicy: 'all' })
  const [chosen, setChosen] = useState<string>()
  const districts = data?.districts?.filter((each) => each !== null) ?? []
  const district = districts.find(({ id }) => id === chosen) ?? districts[0]
  const title = titleOf(session.person)

  return (
    <div className="page">
      <header>
        <FocusedHeading level="h1">Contacts</FocusedHeading>
        {districts.length > 1 ? (
          <select
            aria-label="District"
            value={district?.id}
            onChange={(event) => setChosen(event.target.value)}
          >
            {districts.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        ) : (
          <p>{district?.name}</p>
        )}
        <p className="viewer">
          {data?.contactsViewer?.displayName} <span>{title}</span>
        </p>
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </header>
      <StaleNotice />
      {error && (
        <p role="alert" className="problem">
          {messageOf(error)}{' '}
          <button type="button" onClick={() => refetch()}>
            Try again
          </button>
        </p>
      )}
      {district && <District key={district.id} session={session} districtId={district.id} />}
    </div>
  )
}

function StaleNotice() {
  if (!useReactiveVar(isStale)) return null
  return (
    <p role="status" className="notice">
      Clever cannot be reached. What you see may be old.
    </p>
  )
}
