import { type Load, loadEvenly, loadFully, percentile, type Target } from './load.ts'
import { median } from './measure.ts'
import { cpuMsOf } from './process-usage.ts'
import type { Bench } from './warm-bench.ts'
import type { Case } from './warm-cases.ts'
import { mustAnswerAlike } from './warm-check.ts'
import type { Server, ServerName } from './warm-servers.ts'
import type { Figures, PartLoad, WarmRow } from './warm-table.ts'

export interface RunPlan {
  readonly rounds: number
  /** Of each turn, after half as many to warm up. */
  readonly seconds: number
  readonly say: (progress: string) => void
}

export interface RunResult {
  readonly rows: readonly WarmRow[]
  /** Of the gateway, in all its turns. */
  readonly requests: number
  readonly calls: number
}

const PART = 0.8

/** Each round asks each case of all servers, and begins with another server than the round before. */
export async function runCases(bench: Bench, plan: RunPlan): Promise<RunResult> {
  const { clever, servers, cases } = bench
  const { rounds, seconds, say } = plan
  await checkCases(bench, say)
  const turns: Turn[] = []
  let calls = 0
  for (let round = 0; round < rounds; round += 1) {
    for (const each of cases) {
      for (const server of rotated(serversOf(each, servers), round)) {
        await clever.forget()
        const turn = await measureTurn(each, server, seconds)
        turns.push(turn)
        if (server.name === 'gateway') calls += (await clever.calls()).length
        say(`round ${round + 1}, ${each.title}, ${server.name}: ${Math.round(turn.figures.rate)}/s`)
      }
    }
  }
  const ofGateway = turns.filter(({ server }) => server === 'gateway')
  return {
    rows: cases.map((each) => rowOf(each, turns)),
    requests: ofGateway.reduce((sum, { requests }) => sum + requests, 0),
    calls,
  }
}

async function checkCases({ servers, cases }: Bench, say: RunPlan['say']) {
  for (const each of cases) {
    await mustAnswerAlike(each, serversOf(each, servers))
    say(`${each.title}: the servers answer alike`)
  }
}

function serversOf(each: Case, servers: readonly Server[]): readonly Server[] {
  return servers.filter(({ name }) => each.servers.includes(name))
}

interface Turn {
  readonly id: number
  readonly server: ServerName
  readonly figures: Figures
  /** At a part of the rate that the server has just shown; undefined for the textbook gateway. */
  readonly atPart: PartLoad | undefined
  readonly requests: number
}

async function measureTurn(each: Case, server: Server, seconds: number): Promise<Turn> {
  const target = await targetOf(each, server)
  const warmedUp = await loadFully(target, seconds / 2)
  const before = await cpuMsOf(server.pid)
  const load = await loadFully(target, seconds)
  const figures = figuresOf(load, (await cpuMsOf(server.pid)) - before)
  const turn = { id: each.id, server: server.name, figures }
  const requests = warmedUp.requests + load.requests
  if (server.name === 'textbook') return { ...turn, atPart: undefined, requests }
  const rate = PART * figures.rate
  const part = await loadEvenly(target, rate, seconds)
  const atPart = { rate, p50: percentile(part, 0.5), p99: percentile(part, 0.99) }
  return { ...turn, atPart, requests: requests + part.requests }
}

/** `cpu`: of the server, for all of the load. ms */
function figuresOf(load: Load, cpu: number): Figures {
  return {
    rate: load.requests / load.seconds,
    p50: percentile(load, 0.5),
    p99: percentile(load, 0.99),
    cpu: cpu / load.requests,
    busy: cpu / 1_000 / load.seconds,
  }
}

function rowOf({ id, title, servers }: Case, turns: readonly Turn[]): WarmRow {
  const own = turns.filter((turn) => turn.id === id)
  const figures = servers.map((name): [ServerName, Figures] => {
    const all = own.filter(({ server }) => server === name).map((turn) => turn.figures)
    return [name, mediansOf(all, ['rate', 'p50', 'p99', 'cpu', 'busy'])]
  })
  const parts = servers.flatMap((name): [ServerName, PartLoad][] => {
    const all = own.flatMap(({ server, atPart }) => (server === name && atPart ? [atPart] : []))
    return all.length === 0 ? [] : [[name, mediansOf(all, ['rate', 'p50', 'p99'])]]
  })
  return { id, title, figures: new Map(figures), atPart: new Map(parts) }
}

/** The median of each figure by itself. */
function mediansOf<Key extends string>(
  all: readonly Readonly<Record<Key, number>>[],
  keys: readonly Key[],
): Record<Key, number> {
  const medians = keys.map((key) => [key, median(all.map((each) => each[key]))])
  return Object.fromEntries(medians) as Record<Key, number>
}

export async function targetOf({ connections, questionsFor }: Case, server: Server): Promise<Target> {
  const asked = await questionsFor(server)
  const requests = await Promise.all(
    asked.map(async ({ query, variables, viewer }) => ({
      body: JSON.stringify({ query, variables }),
      headers: await server.headersOf(viewer),
    })),
  )
  return { url: server.url, requests, connections }
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}
