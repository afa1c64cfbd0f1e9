import { useEffect, useRef, useSyncExternalStore } from 'react'
import { titleOf } from './people.ts'
import type { Session } from './session.ts'
import { SignInFailed } from './sign-in-page.tsx'
import { useSignIn } from './use-sign-in.ts'

/** Opens over the page when the token has expired. The page behind it keeps its state. */
export function ExpiredDialog({ session, onSignOut }: { session: Session; onSignOut: () => void }) {
  const hasExpired = useSyncExternalStore(session.subscribe, session.hasExpired)
  const dialog = useRef<HTMLDialogElement>(null)
  const { start, hasFailed } = useSignIn((_person, token) => session.renew(token))

  useEffect(() => {
    if (hasExpired) dialog.current?.showModal()
    else dialog.current?.close()
  }, [hasExpired])

  return (
    <dialog ref={dialog} aria-labelledby="expired" onCancel={(event) => event.preventDefault()}>
      <h2 id="expired">Your sign-in has expired</h2>
      <p>Sign in again to go on. The page stays as it is.</p>
      {hasFailed && <SignInFailed />}
      <div className="actions">
        <button type="button" className="primary" onClick={() => start(session.person)}>
          Sign in again as {titleOf(session.person).toLowerCase()}
        </button>
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </dialog>
  )
}
