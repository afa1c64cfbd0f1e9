import { SANDBOX_CONTACT } from './http/graphiql-tabs.ts'

export interface SandboxAddress {
  readonly url: string
  readonly districts: readonly { readonly id: string; readonly token: string }[]
  readonly clientId: string
  readonly clientSecret: string
}

export interface SandboxToken {
  /** The kind of person: service, guardian, teacher … */
  readonly title: string
  readonly token: string
}

/** The shell variable for each token that is printed in full. */
const EXPORTS = [
  ['service', 'TOKEN'],
  ['guardian', 'GUARDIAN'],
] as const

/** The first steps for a developer who has started the gateway without a Clever account. Empty without tokens for them. */
export function gatewayGreeting(
  port: number,
  sandbox: SandboxAddress,
  tokens: readonly SandboxToken[],
  { hasGraphiql, isTrustedOnly }: { readonly hasGraphiql: boolean; readonly isTrustedOnly: boolean },
): string {
  const url = `http://localhost:${port}/graphql`
  const query = `{ contact(id: \\"${SANDBOX_CONTACT}\\") { displayName relationships { relationship student { displayName } } } }`
  const curl = `  curl ${url} -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" \\
    -d '{"query":"${query}"}'`
  return `
  No Clever credentials are set, so the gateway runs on the sandbox: a school district with invented people.

  ${hasGraphiql ? 'GraphiQL' : 'GraphQL '}   ${url}
  Clever     ${sandbox.url}/_sandbox lists what you can read, change and break
${exports(sandbox, tokens)}
${isTrustedOnly ? '  Only the documents of TRUSTED_DOCUMENTS are run. Send the id of one as documentId.' : curl}

`
}

/** Two tokens as lines to paste into a shell. The others are in GraphiQL's tabs and in the sandbox. */
function exports({ url }: SandboxAddress, tokens: readonly SandboxToken[]): string {
  const lines = EXPORTS.flatMap(([title, variable]) =>
    tokens.filter((each) => each.title === title).map(({ token }) => `  export ${variable}=${token}\n`),
  )
  if (lines.length === 0) return '\n  AUTH_FILE is set: send a token of one of its issuers.\n'
  return `
  Tokens of a service and of a guardian. They work for 12 hours, on this gateway only.
  ${url}/_sandbox/tokens has them too, with those of a teacher, school staff, a district administrator and a student.

${lines.join('')}`
}

/** The settings that connect another process to the sandbox. */
export function sandboxGreeting({ url, districts, clientId, clientSecret }: SandboxAddress): string {
  const tokens = districts.map(({ id, token }) => `${id}=${token}`).join(',')
  return `
  The sandbox imitates Clever, with invented people. Start a gateway on it with one of these lines:

  CLEVER_API_URL=${url} CLEVER_DISTRICT_TOKENS=${tokens} npm start

  CLEVER_API_URL=${url} CLEVER_OAUTH_URL=${url} CLEVER_CLIENT_ID=${clientId} CLEVER_CLIENT_SECRET=${clientSecret} npm start

  Put AUTH_FILE=issuers.json or AUTHENTICATION=everybody-may-read-everything before it. "npm run doctor" needs neither.

  ${url}/_sandbox lists what you can read, change and break.

`
}
