import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { Plugin } from 'vite'

export interface SignInOptions {
  readonly sandboxUrl: string
  /** The lifetime of each token. */
  readonly seconds: number
}

/** Answers POST /sign-in with a token for a person of the sandbox. A real page uses an identity provider instead. */
export function sandboxSignIn(options: SignInOptions): Plugin {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    tokenOf(request, options).then(
      (token) => send(response, token === undefined ? 404 : 200, { token }),
      () => send(response, 502, {}),
    )
  }
  return {
    name: 'sandbox-sign-in',
    configureServer: ({ middlewares }) => void middlewares.use('/sign-in', answer),
    configurePreviewServer: ({ middlewares }) => void middlewares.use('/sign-in', answer),
  }
}

async function tokenOf(
  request: IncomingMessage,
  { sandboxUrl, seconds }: SignInOptions,
): Promise<string | undefined> {
  const { person } = (await json(request)) as { person: string }
  const response = await fetch(`${sandboxUrl}/_sandbox/tokens`, {
    method: 'POST',
    body: JSON.stringify({ seconds }),
  })
  const tokens = (await response.json()) as Record<string, string>
  return tokens[person]
}

function send(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}
