import { onTestFinished } from 'vitest'
import type { User } from '../../src/sandbox/roster/records.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'

export interface Item {
  data: User
  uri: string
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The parsed body, as far as these tests look into it; empty when the body is no JSON. */
  body: { data: Item[]; links: { rel: string; uri: string }[]; count?: number }
}

export interface Asked {
  sandbox: Sandbox
  get(path: string, token?: string): Promise<Answer>
}

/** A sandbox for one test, closed at its end, and a client with the first district's token. */
export async function askSandbox(options?: SandboxOptions): Promise<Asked> {
  const sandbox = await startSandbox(options)
  onTestFinished(() => sandbox.close())
  return {
    sandbox,
    get: (path, token = firstDistrict(sandbox).token) => ask(sandbox, path, `Bearer ${token}`),
  }
}

export async function ask(sandbox: Sandbox, path: string, authorization: string): Promise<Answer> {
  const response = await fetch(sandbox.url + path, { headers: { authorization } })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} }
}

export function firstDistrict(sandbox: Sandbox) {
  const [district] = sandbox.districts
  if (!district) throw new Error('the sandbox has no district')
  return district
}

export function link(answer: Answer, rel: string): string | undefined {
  return answer.body.links.find((found) => found.rel === rel)?.uri
}

export function ids(answer: Answer): string[] {
  return answer.body.data.map(({ data }) => data.id)
}

/** A clock that stands still until a test moves it. Starts at a whole second. */
export function createClock(iso = '2026-03-26T18:00:00.000Z') {
  let ms = Date.parse(iso)
  return {
    now: () => ms,
    forward(by: number) {
      ms += by
    },
  }
}

export const secondMs = 1000
export const dayMs = 86_400_000

/** The people of Clever's documentation. */
export const documented = {
  district: '6385008f69df036e83e984a3',
  uncle: '63850203bfb8460546071ef6',
  niece: '63850203bfb8460546071e62',
  nephew: '672936fc65fc4500ced13260',
  son: '63850203bfb8460546071e6e',
}
