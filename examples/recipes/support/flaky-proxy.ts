import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy whose connections can be cut, as by a network that changes or a proxy that restarts. */
export interface FlakyProxy extends AsyncDisposable {
  readonly url: string
  /** The number of connections that are open now. */
  readonly open: number
  /** Cuts all connections, and refuses new ones until `restore` is called. */
  cut(): void
  restore(): void
  /** Lets nothing through the connections that are open now, without closing them. */
  freeze(): void
}

export async function startFlakyProxy(target: string): Promise<FlakyProxy> {
  const { port } = new URL(target)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((client) => {
    if (isCut) return client.destroy()
    const upstream = connect(Number(port), 'localhost')
    sockets.add(client)
    const end = () => {
      sockets.delete(client)
      client.destroy()
      upstream.destroy()
    }
    client.on('error', end).on('close', end).pipe(upstream)
    upstream.on('error', end).on('close', end).pipe(client)
    client.on('frozen', () => upstream.unpipe().pause())
    return undefined
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: target.replace(`:${port}`, `:${(server.address() as AddressInfo).port}`),
    get open() {
      return sockets.size
    },
    cut,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause().emit('frozen')
    },
    restore() {
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      cut()
      await once(server.close(), 'close')
    },
  }
}
