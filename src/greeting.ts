import { SANDBOX_CONTACT } from './http/graphiql-tabs.ts'

export interface SandboxAddress {
  readonly url: string
  readonly districts: readonly { readonly id: string; readonly token: string }[]
  readonly clientId: string
  readonly clientSecret: string
}

export interface SandboxToken {
  /** Who it speaks for. */
  readonly title: string
  readonly token: string
}

/** What someone who has just started the gateway without a Clever account needs to know next. */
export function gatewayGreeting(
  port: number,
  sandbox: SandboxAddress,
  tokens: readonly SandboxToken[],
): string {
  const url = `http://localhost:${port}/graphql`
  const query = `{ contact(id: \\"${SANDBOX_CONTACT}\\") { displayName relationships { relationship student { displayName } } } }`
  const pasteable = tokens.map(({ title, token }) => `  ${title}\n  ${token}\n`).join('\n')
  return `
  No Clever credentials are set, so this is the sandbox: an invented school district, nobody in it is real.

  GraphiQL   ${url}
  curl       curl ${url} -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" \\
               -d '{"query":"${query}"}'
  Clever     ${sandbox.url}/_sandbox tells what can be asked, changed and broken

  Tokens, of this sandbox alone and good for twelve hours; GraphiQL has them in its tabs:

${pasteable}
`
}

/** What another process needs to use the sandbox as its Clever. */
export function sandboxGreeting({ url, districts, clientId, clientSecret }: SandboxAddress): string {
  const tokens = districts.map(({ id, token }) => `${id}=${token}`).join(',')
  return `
  The sandbox: an invented Clever, nobody in it is real. A gateway uses it with either of

  CLEVER_API_URL=${url} CLEVER_DISTRICT_TOKENS=${tokens} npm start

  CLEVER_API_URL=${url} CLEVER_OAUTH_URL=${url} CLEVER_CLIENT_ID=${clientId} CLEVER_CLIENT_SECRET=${clientSecret} npm start

  and, as nobody is real, AUTHENTICATION=everybody-may-read-everything before it, or AUTH_FILE=...; npm run doctor needs neither.

  ${url}/_sandbox tells what can be asked, changed and broken

`
}
