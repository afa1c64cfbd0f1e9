import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@redis/client'

const HOW_TO_INSTALL = 'No redis-server: install it (Debian: apt-get install redis-server).'

/** To skip what needs Redis where there is none. In CI there has to be one. */
export function findRedis(): boolean {
  if (spawnSync('redis-server', ['--version']).status === 0) return true
  if (process.env.CI === 'true') throw new Error(HOW_TO_INSTALL)
  console.warn(`What needs Redis is skipped. ${HOW_TO_INSTALL}`)
  return false
}

export interface RedisServer extends AsyncDisposable {
  readonly url: string
  /** All that it holds: each key with its value. */
  texts(): Promise<readonly string[]>
  kill(): Promise<void>
  /** At the same address: empty, or with what it held at the last `save`. */
  start(content?: 'EMPTY' | 'SAVED'): Promise<void>
  save(): Promise<void>
  /** It accepts connections and commands, and answers nothing until `resume`. */
  pause(): void
  resume(): void
}

/** A real Redis, in a folder of its own. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'redis-'))
  let child: ChildProcess | undefined
  const url = `redis://127.0.0.1:${port}`
  const server: RedisServer = {
    url,
    async texts() {
      const client = createClient({ url })
      await client.connect()
      const texts: string[] = []
      for (const key of await client.keys('*')) {
        const type = await client.type(key)
        const value =
          type === 'hash'
            ? await client.hGetAll(key)
            : type === 'stream'
              ? await client.xRange(key, '-', '+')
              : await client.get(key)
        texts.push(`${key} ${JSON.stringify(value)}`)
      }
      client.destroy()
      return texts
    },
    async kill() {
      if (child === undefined) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      child = undefined
    },
    async save() {
      const client = createClient({ url })
      await client.connect()
      await client.sendCommand(['SAVE'])
      client.destroy()
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async start(content = 'EMPTY') {
      if (content === 'EMPTY') await rm(join(folder, 'dump.rdb'), { force: true })
      const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder }
      const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
      child = spawn('redis-server', args, { stdio: 'ignore' })
      while (!(await accepts(port))) await delay(20)
    },
    async [Symbol.asyncDispose]() {
      await server.kill()
      await rm(folder, { recursive: true })
    },
  }
  await server.start()
  return server
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
