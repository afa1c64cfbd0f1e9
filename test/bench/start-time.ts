import { freePort, PROCESSORS, startChild } from './child.ts'
import { median } from './measure.ts'

const STARTS = 5

/** From the start of the process that `npm start` runs, with the small sandbox, until `/ready` is 200; a median, so with the compile cache. ms */
export async function measureStart(): Promise<number> {
  const times: number[] = []
  for (let time = 0; time < STARTS; time += 1) {
    const port = await freePort()
    const startedAt = performance.now()
    await using _gateway = await startChild({
      script: 'src/main.ts',
      settings: { PORT: String(port), SANDBOX: 'true' },
      port,
      isHeard: false,
      readyPath: '/ready',
      processor: PROCESSORS.server,
    })
    times.push(performance.now() - startedAt)
  }
  return median(times)
}
