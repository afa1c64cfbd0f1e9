import { once } from 'node:events'
import { get } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

interface Backend {
  readonly port: number
  /** Whether the balancer sends connections to it. */
  isBelievedReady: boolean
  isGone: boolean
}

const POLL_MS = 50

/** A balancer of TCP connections. It polls `/ready` of each process, and acts on each answer late, as real ones do. */
export class LateBalancer implements AsyncDisposable {
  readonly #lateMs: number
  readonly #backends: Backend[] = []
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((client) => this.#forward(client))
  #next = 0

  constructor(lateMs: number) {
    this.#lateMs = lateMs
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Resolves when the process gets connections. */
  async add(port: number): Promise<void> {
    const backend = { port, isBelievedReady: false, isGone: false }
    this.#backends.push(backend)
    void this.#watch(backend)
    while (!backend.isBelievedReady) await delay(POLL_MS)
  }

  remove(port: number) {
    for (const backend of this.#backends) if (backend.port === port) backend.isGone = true
  }

  async [Symbol.asyncDispose]() {
    for (const backend of this.#backends) backend.isGone = true
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #watch(backend: Backend) {
    while (!backend.isGone) {
      const isReady = await isReadyAt(backend.port)
      setTimeout(() => {
        backend.isBelievedReady = isReady ?? backend.isBelievedReady
      }, this.#lateMs)
      await delay(POLL_MS)
    }
  }

  #forward(client: Socket) {
    const ready = this.#backends.filter(({ isBelievedReady }) => isBelievedReady)
    this.#next += 1
    const backend = ready[this.#next % ready.length]
    if (backend === undefined) return client.destroy()
    const server = connect(backend.port, '127.0.0.1')
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroySoon()
      })
    }
  }
}

/** Undefined if there is no answer in time: on a busy machine, that says nothing. */
function isReadyAt(port: number): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path: '/ready', agent: false, timeout: 1_000 })
    request.on('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => {
      resolve(undefined)
      request.destroy()
    })
    request.on('error', () => resolve(false))
  })
}
