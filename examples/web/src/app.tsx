import { ApolloProvider } from '@apollo/client/react'
import { useMemo, useState } from 'react'
import { ContactsPage } from './contacts/contacts-page.tsx'
import { createClient } from './graphql/client.ts'
import { closeContact } from './open-contact.ts'
import { ExpiredDialog } from './session/expired-dialog.tsx'
import type { Session } from './session/session.ts'
import { SignInPage } from './session/sign-in-page.tsx'

export function App() {
  const [session, setSession] = useState<Session>()
  if (session === undefined) return <SignInPage onSignIn={setSession} />
  return <SignedIn session={session} onSignOut={() => setSession(undefined)} />
}

function SignedIn({ session, onSignOut }: { session: Session; onSignOut: () => void }) {
  const client = useMemo(() => createClient(session), [session])
  function signOut() {
    client.stop()
    closeContact()
    onSignOut()
  }
  return (
    <ApolloProvider client={client}>
      <ContactsPage session={session} onSignOut={signOut} />
      <ExpiredDialog session={session} onSignOut={signOut} />
    </ApolloProvider>
  )
}
