import { type Child, freePort, startChild } from './child.ts'

/** `fast-sandbox.ts` as a process of its own. */
export interface FastClever extends Child {
  readonly districtId: string
  readonly token: string
  /** The calls since the last `forgetCalls`. */
  countCalls(): Promise<number>
  forgetCalls(): Promise<void>
}

interface Overview {
  readonly districts: readonly { readonly id: string; readonly token: string }[]
}

export async function startFastClever(students: number): Promise<FastClever> {
  const port = await freePort()
  const child = await startChild({
    script: 'test/bench/fast-sandbox.ts',
    settings: { SANDBOX_PORT: String(port), SANDBOX_STUDENTS: String(students) },
    port,
    isHeard: true,
    readyPath: '/_sandbox',
  })
  async function control<Answer>(method: string, path: string): Promise<Answer> {
    const response = await fetch(`${child.url}/_sandbox${path}`, { method })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`)
    return (await response.json()) as Answer
  }
  const { districts } = await control<Overview>('GET', '')
  const [district] = districts
  if (district === undefined) throw new Error('the sandbox has no district')
  return {
    ...child,
    districtId: district.id,
    token: district.token,
    countCalls: async () => (await control<{ calls: readonly unknown[] }>('GET', '/calls')).calls.length,
    forgetCalls: () => control('DELETE', '/calls'),
  }
}
