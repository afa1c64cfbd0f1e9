import { defineConfig } from 'vitest/config'
import shared from './vitest.config.ts'

/** The tests that by themselves must notice any change of meaning in the decision, the policy and the overrides. */
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ['test/access/{decide,policy,overrides}*.test.ts'] },
})
