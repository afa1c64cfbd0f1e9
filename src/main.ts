import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import type { Config } from './config.ts'

// `--heap-growing-percent=100`, with which `npm start` starts Node, is for memory outside of the heap too. The V8 of Node 26 limits
// that part to 30 % by an option of its own, which Node 24 refuses.
if (Number.parseInt(process.versions.node, 10) >= 26)
  setFlagsFromString('--external-memory-max-growing-factor=2')

// With the compile cache, a start takes a third less time. The cache must be on before the other modules are
// imported. If Node cannot write the folder, it works without the cache. The folder is in node_modules, not
// in a /tmp that all users share, because Node runs what it finds there.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url)))

const { runCommand } = await import('./commands/run-command.ts')
await runCommand(openSandbox)
// The first process of an installation writes the cache here, before clients come. Otherwise Node writes it
// when the process stops. Writing a thousand files takes from 0.1 s to more than 1 s.
flushCompileCache()

/** The sandbox is loaded only where it runs. */
async function openSandbox(config: Config) {
  const { startSandbox } = await import('./sandbox/sandbox.ts')
  const sandbox = await startSandbox({
    port: config.SANDBOX_PORT,
    seed: config.SANDBOX_SEED,
    students: config.SANDBOX_STUDENTS,
    ...(config.SANDBOX_CONTACTS !== undefined && { contacts: config.SANDBOX_CONTACTS }),
    ...(config.SANDBOX_SIS !== undefined && { sis: config.SANDBOX_SIS }),
    districts: config.SANDBOX_DISTRICTS,
    latency: config.SANDBOX_LATENCY,
  })
  return {
    ...sandbox,
    async signIn() {
      const { createSignIn, tokensOf } = await import('./sandbox/sign-in.ts')
      const signIn = await createSignIn()
      const tokens = await tokensOf(sandbox, signIn)
      for (const { title, token } of tokens) sandbox.tokens.set(title, token)
      sandbox.tokens.sign = async (lifetime) => {
        const signed = await tokensOf(sandbox, signIn, lifetime)
        return Object.fromEntries(signed.map(({ title, token }) => [title, token]))
      }
      return { issuer: signIn.issuer, tokens }
    },
  }
}
