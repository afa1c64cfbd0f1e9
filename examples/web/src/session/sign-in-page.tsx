import { ALL_PEOPLE, PEOPLE, titleOf } from './people.ts'
import { Session } from './session.ts'
import { useSignIn } from './use-sign-in.ts'

export function SignInPage({ onSignIn }: { onSignIn: (session: Session) => void }) {
  const { start, hasFailed } = useSignIn((person, token) => onSignIn(new Session(person, token)))
  return (
    <main className="sign-in">
      <h1>Contacts</h1>
      <p>Who are you? Each person of the sandbox sees other contacts.</p>
      <ul className="people">
        {ALL_PEOPLE.map((person) => (
          <li key={person}>
            <button type="button" onClick={() => start(person)}>
              <strong>{titleOf(person)}</strong>
              <span>{PEOPLE[person]}</span>
            </button>
          </li>
        ))}
      </ul>
      {hasFailed && <SignInFailed />}
    </main>
  )
}

export function SignInFailed() {
  return (
    <p role="alert" className="problem">
      The sign-in failed. Is the gateway running? Try again.
    </p>
  )
}
