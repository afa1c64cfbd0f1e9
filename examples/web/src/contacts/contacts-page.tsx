import { useQuery, useReactiveVar } from '@apollo/client/react'
import { useState } from 'react'
import { FocusedHeading } from '../focused-heading.tsx'
import { isStale } from '../graphql/freshness-link.ts'
import { graphql } from '../graphql/graphql.ts'
import { Problem } from '../problem.tsx'
import { titleOf } from '../session/people.ts'
import type { Session } from '../session/session.ts'
import { District } from './district.tsx'
import { DistrictName } from './district-name.tsx'

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

  return (
    <div className="page">
      <header>
        <FocusedHeading level="h1">Contacts</FocusedHeading>
        <DistrictName districts={districts} shown={district} onChoose={setChosen} />
        <p className="viewer">
          {data?.contactsViewer?.displayName} <span>{titleOf(session.person)}</span>
        </p>
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </header>
      <StaleNotice />
      <Problem error={error} onRetry={refetch} />
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
