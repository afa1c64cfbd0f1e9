import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from './support/chromium.ts'
import { createWorld, type World } from './support/world.ts'

describe.skipIf(!hasChromium)('the built page', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('runs no script but its own, and sends nothing elsewhere', async () => {
    await using visit = await world.open({ as: 'service' })
    const { page } = visit
    const tries = {
      script: `document.body.append(Object.assign(document.createElement('script'), { text: 'window.wasRun = true' }))`,
      html: `document.body.innerHTML = '<img src=x onerror="window.wasRun = true">'`,
      elsewhere: `fetch('http://127.0.0.1:9/')`,
    }
    for (const [name, code] of Object.entries(tries)) {
      await expect(page.evaluate(code), name).rejects.toThrow()
    }
    expect(await page.evaluate('window.wasRun')).toBe(undefined)
    expect(visit.problems.join()).toMatch(/Content Security Policy/)
  })
})

describe('the packages of the built page', () => {
  it('are under licenses that ask for no more than a notice', () => {
    const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
    const others = Object.entries<{ dev?: boolean; license: string }>(packages).filter(
      ([, { dev, license }]) => !dev && !/^(MIT|Apache-2\.0|0BSD|ISC|BSD-[23]-Clause)$/.test(license),
    )
    expect(others).toEqual([])
  })
})
