import { setTimeout as delay } from 'node:timers/promises'
import { Agent, Pool, request } from 'undici'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { LateBalancer } from './late-balancer.ts'
import { type RunningMain, runMain } from './run-main.ts'

export interface RestartsPlan {
  /** How many processes are replaced, one after the other; two serve at any time. */
  readonly restarts: number
  /** Requests a second, evenly. */
  readonly rate: number
  readonly drainMs: number
  /** How late the balancer acts on readiness. ms */
  readonly lateMs: number
}

export interface RestartsResult {
  readonly requests: number
  /** Requests without a whole answer, by what happened instead. */
  readonly failures: Readonly<Record<string, number>>
  /** The exit codes of the processes that were replaced. */
  readonly codes: readonly (number | string | null)[]
}

const WORKERS = 16
const BODY = JSON.stringify({ query: '{ contacts(first: 5) { nodes { id displayName } } }' })

/** Replaces the processes of a gateway one by one while clients send requests through a balancer. */
export async function restartRolling(plan: RestartsPlan): Promise<RestartsResult> {
  const sandbox = await startSandbox()
  await using balancer = new LateBalancer(plan.lateMs)
  const url = await balancer.listen()
  const environment = {
    CLEVER_API_URL: sandbox.url,
    CLEVER_DISTRICT_TOKENS: sandbox.districts.map(({ id, token }) => `${id}=${token}`).join(),
    AUTHENTICATION: 'everybody-may-read-everything',
    AUDIT: 'off',
    LOG_LEVEL: 'info',
    SHUTDOWN_DRAIN_MS: String(plan.drainMs),
  }
  const all: RunningMain[] = []
  const start = async () => {
    const main = runMain({ environment })
    all.push(main)
    const port = Number(await main.printed(/"port":(\d+)/))
    await balancer.add(port)
    return { main, port }
  }
  const serving = await Promise.all([start(), start()])
  const load = new Load(url, plan.rate)
  const codes: (number | string | null)[] = []
  try {
    for (let done = 0; done < plan.restarts; done += 1) {
      serving.push(await start())
      const old = serving.shift()
      old?.main.child.kill('SIGTERM')
      codes.push((await old?.main.ended) ?? null)
      balancer.remove(old?.port ?? 0)
    }
    return { ...(await load.end()), codes }
  } finally {
    for (const { child } of all) child.kill('SIGKILL')
    await sandbox.close()
  }
}

/** Clients of both kinds: half of them keep their connection, and half open one for each request. */
class Load {
  readonly #failures: Record<string, number> = {}
  readonly #workers: Promise<void>[]
  #requests = 0
  #isOver = false

  constructor(url: string, rate: number) {
    const pauseMs = (1_000 * WORKERS) / rate
    const kept = new Pool(url, { connections: WORKERS / 2, pipelining: 1 })
    this.#workers = Array.from({ length: WORKERS }, async (_, index) => {
      await delay((pauseMs * index) / WORKERS)
      while (!this.#isOver) {
        const startedAt = performance.now()
        if (index % 2 === 0) await this.#ask(url, kept)
        else {
          const once = new Agent({ pipelining: 0 })
          await this.#ask(url, once)
          await once.close()
        }
        await delay(Math.max(pauseMs - (performance.now() - startedAt), 0))
      }
      if (index === 0) await kept.close()
    })
  }

  async end() {
    this.#isOver = true
    await Promise.all(this.#workers)
    return { requests: this.#requests, failures: this.#failures }
  }

  async #ask(url: string, dispatcher: Pool | Agent) {
    this.#requests += 1
    try {
      const headers = { 'content-type': 'application/json' }
      const answer = await request(`${url}/graphql`, { method: 'POST', headers, body: BODY, dispatcher })
      const { data } = (await answer.body.json()) as { data?: { contacts?: { nodes: unknown[] } } }
      if (data?.contacts?.nodes.length !== 5) this.#fail(`status ${answer.statusCode}`)
    } catch (error) {
      this.#fail(error instanceof Error && 'code' in error ? String(error.code) : 'unknown')
    }
  }

  #fail(reason: string) {
    this.#failures[reason] = (this.#failures[reason] ?? 0) + 1
  }
}
