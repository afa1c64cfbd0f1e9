import { it } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { createNeighbour } from './neighbours/neighbour.ts'
import { createSupergraph, GATEWAY } from './supergraph.ts'
for (const withAttendance of [true, false]) it('scratch', async () => {
  await using gateway = await startGateway({ sandbox: { districts: 2 } })
  const d0 = gateway.sandbox.districts[0], d1 = gateway.sandbox.districts[1]
  const sg = await createSupergraph(gateway, [
    ...(withAttendance ? [createNeighbour('attendance', {
      entities: { Student: (id) => ({ absences: [{ day: `${id}-a`, student: { id } }] }) },
    })] : []),
    createNeighbour('transport', {
      query: { riders: () => ({ pageInfo: { hasNextPage: false, hasPreviousPage: false }, nodes: [d0, d1].flatMap((d) => d?.students.slice(4, 7).map((id) => ({ id, districtId: d.id }))) }) },
    }),
  ])
  const run = async (q: string) => {
    gateway.sandbox.calls.reset()
    const n = sg.requestsTo(GATEWAY).length
    const r = await sg.ask(q)
    console.log(q, JSON.stringify(r.errors))
    console.log('CALLS', gateway.sandbox.calls.all().length)
    console.log('REQ', JSON.stringify(sg.requestsTo(GATEWAY).slice(n).map((r) => r.representations)))
    console.log('REQT', JSON.stringify(sg.requestsTo('transport').slice(n).map((r) => r.query)))
  }
  await run('{ riders { pageInfo { hasNextPage } nodes { id displayName } } }')
  await run('{ riders { pageInfo { hasNextPage } nodes { id districtId displayName } } }')
  if (withAttendance) await run('{ riders { pageInfo { hasNextPage } nodes { id displayName absences { day } } } }')
})
