import { afterAll } from 'vitest'
import { closeChromium } from './chromium.ts'
import './graphiql-tabs.ts'
import './graphiql-reload.ts'
import './graphiql-access.ts'
import './other-origins.ts'

// One file, so that one Chromium serves all tests that need one.
afterAll(closeChromium)
