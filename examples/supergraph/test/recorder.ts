import { createServer, type IncomingHttpHeaders, request as send } from 'node:http'
import type { SubgraphAddress } from '../compose.ts'
import { close, listen } from '../listen.ts'

/** A request of the router to one subgraph. */
export interface SubgraphRequest {
  readonly subgraph: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly extensions: Readonly<Record<string, unknown>>
}

/** Stands between the router and the subgraphs: passes every request on, and keeps what it asks. */
export class Recorder {
  readonly #servers = new AsyncDisposableStack()
  readonly #targets = new Map<string, string>()
  #requests: SubgraphRequest[] = []
  #crowd: Crowd | undefined

  /** The URL at which the router finds the subgraph. */
  async expose({ name, url }: SubgraphAddress): Promise<string> {
    this.#targets.set(name, url)
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await Array.fromAsync(request))
      const { method = '', url = '', headers } = request
      this.#requests.push({ subgraph: name, method, headers, ...read(method, url, body) })
      await this.#crowd?.admit(name)
      const target = new URL(url, this.#targets.get(name))
      const passed = send(target, { method, headers: { ...headers, host: target.host } }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        response.flushHeaders()
        answer.pipe(response)
      })
      // A test that fails says why.
      passed.on('error', (error) => {
        if (!response.destroyed) console.error(`${name} at ${target}:`, error)
        response.destroy()
      })
      response.on('close', () => passed.destroy())
      passed.end(body)
    })
    this.#servers.adopt(server, close)
    return listen(server)
  }

  /** From now on, requests to the subgraph go there. */
  moveTo({ name, url }: SubgraphAddress): void {
    this.#targets.set(name, url)
  }

  clear(): void {
    this.#requests = []
    this.#crowd = undefined
  }

  /** Passes no request to the subgraph on until `count` of them are here, at the same time. */
  gather(subgraph: string, count: number): void {
    this.#crowd = new Crowd(subgraph, count)
  }

  requestsTo(subgraph: string): readonly SubgraphRequest[] {
    return this.#requests.filter((request) => request.subgraph === subgraph)
  }

  /** The number of requests to each subgraph that got any. */
  counts(): Readonly<Record<string, number>> {
    const names = this.#requests.map(({ subgraph }) => subgraph)
    return Object.fromEntries(names.map((name) => [name, this.requestsTo(name).length]))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#servers.disposeAsync()
  }
}

/** Requests to a subgraph that wait for each other. */
class Crowd {
  readonly #subgraph: string
  #missing: number
  readonly #complete = Promise.withResolvers<void>()

  constructor(subgraph: string, count: number) {
    this.#subgraph = subgraph
    this.#missing = count
  }

  async admit(subgraph: string): Promise<void> {
    if (subgraph !== this.#subgraph) return
    this.#missing -= 1
    if (this.#missing === 0) this.#complete.resolve()
    await this.#complete.promise
  }
}

function read(method: string, url: string, body: Buffer) {
  const parameters = new URL(url, 'http://localhost').searchParams
  const json =
    method === 'POST'
      ? JSON.parse(body.toString())
      : { query: parameters.get('query'), variables: JSON.parse(parameters.get('variables') ?? '{}') }
  return { query: String(json.query), variables: json.variables ?? {}, extensions: json.extensions ?? {} }
}
