import type { RedisClientType } from '@redis/client'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Script } from './script.ts'

/** A connection to Redis or Valkey. It connects again by itself. */
export interface Redis {
  /** Throws RedisAway if Redis refuses, or does not answer within a second. */
  send(...command: readonly (string | number)[]): Promise<unknown>
  /** As `send`. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>
  /** Whether Redis has answered, as far as is known. */
  readonly isUp: boolean
  close(): Promise<void>
}

/** Redis cannot be reached, does not answer, or refuses. The message has no address. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway'
}

export interface RedisOptions {
  readonly url: string
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'redisUp'>
}

/** Redis answers within a millisecond where it is near. ms */
const ANSWER_TIMEOUT_MS = 1_000
const CONNECT_TIMEOUT_MS = 2_000
/** How long a connection may take until it is usable, before another one is begun. ms */
const OPENING_MS = 5_000
/** How long Redis counts as away after it has refused a command. ms */
const REFUSED_MS = 5_000
/** ms */
const MAX_RECONNECT_PAUSE_MS = 500
/** The start waits so long for Redis, so that the first calls are shared already. ms */
const START_MS = 2_000

/** The client is loaded only where it is used. Resolves when Redis is there, or after two seconds without it. */
export async function connectRedis({ url, log, metrics }: RedisOptions): Promise<Redis> {
  const { createClient } = await import('@redis/client')
  const create = () =>
    createClient({
      url,
      disableOfflineQueue: true,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectStrategy: (attempts) => Math.min(50 * 2 ** attempts, MAX_RECONNECT_PAUSE_MS),
      },
    }) as RedisClientType
  const connection = new Connection(create, log, metrics)
  await Promise.race([connection.opened, new Promise((resolve) => setTimeout(resolve, START_MS).unref())])
  return connection
}

class Connection implements Redis {
  readonly #create: () => RedisClientType
  #client: RedisClientType
  #openedAt = performance.now()
  /** Resolves when the first connection is there, or has failed. */
  readonly opened: Promise<unknown>
  readonly #log: Logger
  readonly #metrics: Pick<Metrics, 'redisUp'>
  #isUp: boolean | undefined
  #isClosed = false
  /** When Redis last refused a command, such as for its memory. */
  #refusedAt = Number.NEGATIVE_INFINITY

  constructor(create: () => RedisClientType, log: Logger, metrics: Pick<Metrics, 'redisUp'>) {
    this.#create = create
    this.#client = create()
    this.#log = log
    this.#metrics = metrics
    metrics.redisUp.set(0)
    this.opened = this.#connect()
  }

  /** The client connects again by itself after it has lost a connection. */
  #connect(): Promise<unknown> {
    const client = this.#client
    const isCurrent = () => client === this.#client
    client.on('error', (error: unknown) => isCurrent() && this.#noteAway(error))
    client.on('ready', () => isCurrent() && this.#noteUp())
    return client.connect().catch((error: unknown) => isCurrent() && this.#noteAway(error))
  }

  /** The commands that a connection does not answer would pile up in it. */
  #replace(client: RedisClientType) {
    if (client !== this.#client || this.#isClosed) return
    this.#client = this.#create()
    this.#openedAt = performance.now()
    client.destroy()
    void this.#connect()
  }

  async send(...command: readonly (string | number)[]): Promise<unknown> {
    const client = this.#client
    if (!client.isReady) {
      // Something has accepted the connection, and says nothing.
      if (performance.now() - this.#openedAt > OPENING_MS) this.#replace(client)
      throw new RedisAway('not connected')
    }
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new RedisAway('no answer')), ANSWER_TIMEOUT_MS)
    try {
      const answer = client.sendCommand(command.map(String))
      const timeout = new Promise<never>((_resolve, reject) => {
        late.signal.addEventListener('abort', () => reject(late.signal.reason))
      })
      const value = await Promise.race([answer, timeout])
      this.#noteUp()
      return value
    } catch (error) {
      if (isReply(error) && error.message.startsWith('NOSCRIPT')) throw error
      if (isReply(error)) this.#refusedAt = performance.now()
      this.#noteAway(error)
      if (error === late.signal.reason) this.#replace(client)
      throw error instanceof RedisAway ? error : new RedisAway('refused, or the connection was lost')
    } finally {
      clearTimeout(timer)
    }
  }

  async run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args]
    try {
      return await this.send('EVALSHA', script.sha, ...rest)
    } catch (error) {
      if (!isReply(error)) throw error
      return this.send('EVAL', script.text, ...rest)
    }
  }

  get isUp(): boolean {
    return this.#isUp === true
  }

  async close() {
    this.#isClosed = true
    this.#client.destroy()
  }

  /** Logs it once. The error is not logged, because it may name the address. */
  #noteAway(error: unknown) {
    if (this.#isUp === false || this.#isClosed) return
    this.#isUp = false
    this.#metrics.redisUp.set(0)
    this.#log.warn(
      { reason: codeOf(error) },
      'Redis is away: this replica goes on alone, with its share of the calls and quotas. Check REDIS_URL and Redis',
    )
  }

  #noteUp() {
    if (this.#isUp === true || this.#isClosed) return
    // It may refuse one command and answer others.
    if (performance.now() - this.#refusedAt < REFUSED_MS) return
    this.#isUp = true
    this.#metrics.redisUp.set(1)
    this.#log.info('Redis is there: the replicas share calls, events and revocations')
  }
}

/** An error that Redis answered with, such as NOSCRIPT or WRONGPASS. */
function isReply(error: unknown): error is Error {
  return error instanceof Error && /^[A-Z]+ /.test(error.message) && !('code' in error)
}

function codeOf(error: unknown): string {
  if (error instanceof RedisAway) return error.message
  if (isReply(error)) return error.message.split(' ', 1)[0] ?? ''
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'LOST'
}
