import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Everything is on loopback: a test that is slower than this hangs.
    testTimeout: 15_000,
    hookTimeout: 15_000,
    // The pool is processes by default; threads share nothing we need and start faster.
    pool: 'threads',
  },
})
