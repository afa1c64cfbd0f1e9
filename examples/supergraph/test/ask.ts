import { expect } from 'vitest'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly data: unknown
  readonly errors: readonly {
    readonly message: string
    readonly path?: readonly unknown[]
    readonly extensions: { readonly code?: string }
  }[]
}

export interface Question {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export async function ask(url: string, question: Question, token?: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: headersFor(token, 'application/json'),
    body: JSON.stringify(question),
  })
  const { data, errors = [] } = (await response.json()) as Answer
  return { status: response.status, headers: response.headers, data, errors }
}

/** An open stream of server-sent events. */
export class EventStream {
  readonly headers: Headers
  readonly #messages: AsyncIterator<string>
  readonly #controller: AbortController

  constructor(response: Response, controller: AbortController) {
    this.headers = response.headers
    this.#controller = controller
    this.#messages = messagesOf(response)
  }

  /** The next message. */
  async next(): Promise<unknown> {
    const { value, done } = await this.#messages.next()
    return done ? expect.unreachable('the stream has ended') : JSON.parse(value)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort()
  }
}

export async function subscribe(url: string, question: Question, token?: string): Promise<EventStream> {
  const controller = new AbortController()
  const response = await fetch(url, {
    method: 'POST',
    headers: headersFor(token, 'text/event-stream'),
    body: JSON.stringify(question),
    signal: controller.signal,
  })
  return new EventStream(response, controller)
}

function headersFor(token: string | undefined, accept: string): Record<string, string> {
  return {
    accept,
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
}

async function* messagesOf({ body }: Response): AsyncGenerator<string> {
  let text = ''
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    for (const message of messages) {
      const data = message.split('\n').find((line) => line.startsWith('data: '))
      if (data !== undefined) yield data.slice('data: '.length)
    }
  }
}
