import { connect, type Socket } from 'node:net'

export interface LoadRequest {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const HEAD_END = '\r\n\r\n'

/** A request to `/graphql`, ready to be sent. */
export function encodeRequest({ body, headers }: LoadRequest): Buffer {
  const all = { host: '127.0.0.1', ...headers, 'content-length': String(Buffer.byteLength(body)) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(['POST /graphql HTTP/1.1', ...lines].join('\r\n') + HEAD_END + body)
}

/**
 * A kept connection with one request at a time. It reads no more of an answer than it must, so that the client costs far
 * less than a server: `undici` takes about as long for a request as the bare server. Fails for an answer that is not 200,
 * that has GraphQL errors, or that does not say how long it is.
 */
export class Connection {
  readonly #socket: Socket
  /** The head while it is not whole. */
  #head: Buffer | undefined
  /** Bytes of the body that are still to come; undefined until the head is whole. */
  #left: number | undefined
  #onEnd: (() => void) | undefined

  /** `url`: `http://127.0.0.1:PORT` */
  constructor(url: string, onError: (error: Error) => void) {
    this.#socket = connect(Number(new URL(url).port), '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.on('error', onError)
    this.#socket.on('close', () => onError(new Error('the server closed a connection')))
    this.#socket.on('data', (chunk) => {
      try {
        this.#receive(chunk)
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)))
      }
    })
  }

  send(request: Buffer, onEnd: () => void) {
    this.#onEnd = onEnd
    this.#socket.write(request)
  }

  close() {
    this.#socket.removeAllListeners('close').destroy()
  }

  #receive(chunk: Buffer) {
    if (chunk.includes('"errors":[')) throw new Error(`answered with errors: ${errorsIn(chunk)}`)
    if (this.#left === undefined) this.#receiveHead(chunk)
    else this.#left -= chunk.length
    if (this.#left !== 0) return
    this.#left = undefined
    this.#onEnd?.()
  }

  #receiveHead(chunk: Buffer) {
    const bytes = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk])
    const end = bytes.indexOf(HEAD_END)
    this.#head = end < 0 ? bytes : undefined
    if (end < 0) return
    const head = bytes.toString('latin1', 0, end)
    if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`answered with ${head.split('\r\n')[0]}`)
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
    if (length === undefined) throw new Error('an answer has no content-length')
    this.#left = Number(length) - (bytes.length - end - HEAD_END.length)
  }
}

/** The messages and codes of the errors of an answer. */
function errorsIn(chunk: Buffer): string {
  const [, errors = ''] = chunk.toString().split('"errors":')
  const found = Array.from(errors.matchAll(/"(?:code|message)":"([^"]*)"/g), ([, text]) => text)
  return [...new Set(found)].join(', ')
}
