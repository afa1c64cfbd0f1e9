import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // graphql 16 has two builds. Node takes `main`, Vite would take `module` for our own files alone, and an error of one
  // is no GraphQLError of the other.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    // CommonJS is imported as Node imports it.
    deps: { interopDefault: false },
    include: ['test/**/*.test.ts'],
    // Everything is on loopback: a test that is slower than this hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The pool is processes by default; threads share nothing we need and start faster.
    pool: 'threads',
    // No test changes a module, and to load them anew for each file would take a quarter of the time.
    isolate: false,
    // Many tests wait for time-outs and retries, while others can compute.
    maxWorkers: availableParallelism() + 2,
  },
})
