import { connect, type Socket } from 'node:net'

export interface RawReply {
  readonly status: number
  /** Lower-case names; a header that was sent twice has both values. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The code of the first error of a JSON body. */
  readonly code: string | undefined
}

export function open(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect(Number(port), hostname).on('error', () => {})
}

/** Sends these bytes on a connection of their own, and resolves with the first reply to them. Rejects where none comes. */
export async function sendRaw(url: string, bytes: string | Buffer): Promise<RawReply> {
  const socket = open(url)
  socket.write(bytes)
  try {
    return await nextReply(socket)
  } finally {
    socket.destroy()
  }
}

export function nextReply(socket: Socket): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const reply = parse(text, false)
      if (reply !== undefined) resolve(reply)
    })
    socket.once('close', () => {
      const reply = parse(text, true)
      if (reply === undefined) reject(new Error('the connection closed without a reply'))
      else resolve(reply)
    })
  })
}

function parse(text: string, isWhole: boolean): RawReply | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? []
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value
  }
  const rest = text.slice(end + 4)
  const length = Number(headers['content-length'] ?? Number.NaN)
  const body =
    headers['transfer-encoding'] === 'chunked' ? unchunk(rest) : rest.slice(0, length || rest.length)
  if (!isWhole && !(rest.length >= length) && !rest.endsWith('0\r\n\r\n')) return undefined
  return { status: Number(first.split(' ')[1]), headers, body, code: codeOf(body) }
}

function unchunk(text: string): string {
  const [, size = '0', rest = ''] = /^([0-9a-f]+)\r\n([\s\S]*)$/.exec(text) ?? []
  const length = Number.parseInt(size, 16)
  return length === 0 ? '' : rest.slice(0, length) + unchunk(rest.slice(length + 2))
}

function codeOf(body: string): string | undefined {
  try {
    return JSON.parse(body).errors?.[0]?.extensions?.code
  } catch {
    return undefined
  }
}
