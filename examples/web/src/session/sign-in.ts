import type { Person } from './people.ts'

/** Asks for a token. In a real page, this is the sign-in of your identity provider. */
export async function signIn(person: Person): Promise<string> {
  const response = await fetch('/sign-in', { method: 'POST', body: JSON.stringify({ person }) })
  if (!response.ok) throw new Error(`sign-in failed with ${response.status}`)
  const { token } = (await response.json()) as { token: string }
  return token
}
