import { expect, vi } from 'vitest'

export const EVERYBODY = { AUTHENTICATION: 'everybody-may-read-everything', HOST: '127.0.0.1' }
const PAGE = '{ contacts(first: 100) { nodes { id relationships { student { displayName } } } } }'
/** 100 contacts and their students are about 10 KB in the audit. */
export const MANY = { SANDBOX_STUDENTS: '100' }

/** The codes of the errors, how long the answer took, and the id of the request. */
export async function ask(port: string, query = PAGE) {
  const startedAt = performance.now()
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { errors = [] } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
  const milliseconds = performance.now() - startedAt
  const codes = errors.map(({ extensions }) => extensions.code)
  return { codes, milliseconds, requestId: response.headers.get('x-request-id') ?? '' }
}

export async function get(port: string, where: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${where}`)).text()
}

export const WITHHELD = ['AUDIT_UNAVAILABLE']
/** Other processes of the machine may be busy. */
export const SLACK_MS = 4_000
export const WAIT = { timeout: 30_000, interval: 20 }
export const BUSY = { timeout: 60_000 }

/** As soon as a query is answered as a whole. */
export async function answered(port: string, query = PAGE): Promise<void> {
  await vi.waitFor(async () => expect((await ask(port, query)).codes).toEqual([]), WAIT)
}
