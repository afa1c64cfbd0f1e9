import { SANDBOX_CONTACT } from './graphiql.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

/** What someone who has just started the gateway without a Clever account needs to know next. */
export function greeting(port: number, sandbox: Sandbox): string {
  const url = `http://localhost:${port}/graphql`
  const query = `{ contact(id: \\"${SANDBOX_CONTACT}\\") { displayName relationships { relationship student { displayName } } } }`
  return `
  No Clever credentials are set, so this runs on the sandbox: an invented school district.
  Nobody in it is real. The sandbox's own Clever API is at ${sandbox.url}/_sandbox

  GraphiQL   ${url}
  curl       curl ${url} -H 'content-type: application/json' \\
               -d '{"query":"${query}"}'

`
}
