import { setTimeout as pause } from 'node:timers/promises'
import { createServer } from 'vite'
import { startGateway } from './gateway.ts'
import { pageConfig } from './page.ts'
import { SchoolOffice } from './school-office.ts'

const {
  PAGE_PORT = '5173',
  PORT = '4000',
  SANDBOX_STUDENTS = '240',
  TOKEN_SECONDS = '43200',
  CHANGE_SECONDS = '10',
} = process.env

await using gateway = await startGateway({ PORT, SANDBOX_STUDENTS, TOKEN_LEEWAY_MS: '0' })
await using page = await servePage()

const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())

console.log(`
  Page       ${page.url}
  GraphiQL   ${gateway.url}/graphql
  Clever     ${gateway.sandboxUrl}/_sandbox

  Sign in as any person of the sandbox. The school office changes a record every ${CHANGE_SECONDS} seconds.
  Ctrl+C stops the page and the gateway.
`)
await changeRecords(new SchoolOffice(gateway.sandboxUrl)).catch((error) => {
  if (!stopped.signal.aborted) throw error
})

async function servePage() {
  const server = await createServer(
    pageConfig({ gateway, port: Number(PAGE_PORT), tokenSeconds: Number(TOKEN_SECONDS) }),
  )
  await server.listen()
  return {
    url: server.resolvedUrls?.local[0] ?? '',
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** The relationships of one contact, and the phones of some others, in turn. */
async function changeRecords(office: SchoolOffice): Promise<void> {
  for (let round = 0; ; round++) {
    await pause(Number(CHANGE_SECONDS) * 1000, undefined, { signal: stopped.signal })
    if (round % 2 === 0) await office.changeEmergencyContact()
    else await office.changePhones(0.003 * ((round % 7) + 1))
  }
}
