import { useState } from 'react'
import type { Person } from './people.ts'
import { signIn } from './sign-in.ts'

/** Signs a person in, and says whether that failed. */
export function useSignIn(onToken: (person: Person, token: string) => void) {
  const [hasFailed, setHasFailed] = useState(false)
  async function start(person: Person) {
    setHasFailed(false)
    try {
      onToken(person, await signIn(person))
    } catch {
      setHasFailed(true)
    }
  }
  return { start, hasFailed }
}
