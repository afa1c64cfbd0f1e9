import { transformAsync } from '@babel/core'
import { defineConfig, type Plugin } from 'vitest/config'

/** Replaces each graphql`…` of Relay by what its compiler has generated. */
const relay: Plugin = {
  name: 'relay',
  enforce: 'pre',
  async transform(source, filename) {
    if (!/\/relay\/.*\.tsx$/.test(filename)) return undefined
    const result = await transformAsync(source, {
      filename,
      configFile: false,
      babelrc: false,
      plugins: [['relay', { eagerEsModules: true }]],
      parserOpts: { plugins: ['typescript', 'jsx'] },
    })
    return { code: result?.code ?? source, map: null }
  },
}

export default defineConfig({
  plugins: [relay],
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['node_modules'],
    // Time for a busy machine: a test waits for what it expects, and no longer.
    testTimeout: 180_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
