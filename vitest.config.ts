import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** These start many processes, or keep them busy on purpose. Beside them, the others would run into their deadlines. */
const PROCESSES = [
  'test/process/*.test.ts',
  'test/replicas/replicas.test.ts',
  'test/replicas/failing-replicas.test.ts',
  'test/audit/audit-process.test.ts',
  'test/audit/audit-stdout.test.ts',
]

/** These take from 5 to 40 s each. Started among the last, as short files are, one of them would run alone at the end. */
const LONG = [
  'test/browser/browser.test.ts',
  'test/main.test.ts',
  'test/abuse/fuzz.test.ts',
  'test/access/grid.test.ts',
  'test/tracing/traces.test.ts',
  'test/replicas/failing-replicas.test.ts',
  'test/process/rolling-restarts.test.ts',
  'test/audit/audit-stdout.test.ts',
  'test/replicas/replicas.test.ts',
  'test/audit/audit-process.test.ts',
  'test/process/on-call.test.ts',
]

class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const place = ({ moduleId }: TestSpecification) => LONG.findIndex((path) => moduleId.endsWith(path))
    const isLong = (file: TestSpecification) => place(file) >= 0
    return [
      ...sorted.filter(isLong).sort((a, b) => place(a) - place(b)),
      ...sorted.filter((file) => !isLong(file)),
    ]
  }
}

export default defineConfig({
  // graphql 16 has two builds. Node takes `main`, Vite would take `module` for our own files alone, and an error of one
  // is no GraphQLError of the other.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    globalSetup: 'test/support/compile-cache.ts',
    sequence: { sequencer: LongFilesFirst },
    // CommonJS is imported as Node imports it.
    deps: { interopDefault: false },
    projects: [
      {
        extends: true,
        test: {
          name: 'gateway',
          include: ['test/**/*.test.ts'],
          exclude: PROCESSES,
          // While some tests wait, others can compute. Each worker more compiles all code once more, which takes 4 s.
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: PROCESSES,
          // These wait for most of their time.
          maxWorkers: availableParallelism() + 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    // Everything is on loopback: a test that is slower than this hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The pool is processes by default; threads share nothing we need and start faster.
    pool: 'threads',
    // No test changes a module, and to load them anew for each file would take a quarter of the time.
    isolate: false,
  },
})
