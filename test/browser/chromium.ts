import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const HOW_TO_INSTALL =
  'No Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to where it is.'

const executablePath = find()

/** To skip what needs a browser where there is none. In CI there has to be one. */
export const hasChromium = executablePath !== undefined

export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(HOW_TO_INSTALL)
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Whatever a page asks of another host fails at once, and so shows in its console.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })
}

function find(): string | undefined {
  const { CHROMIUM_PATH, CI } = process.env
  const found = (CHROMIUM_PATH ? [CHROMIUM_PATH] : USUAL_PLACES).find((path) => existsSync(path))
  if (found !== undefined) return found
  if (CI === 'true') throw new Error(HOW_TO_INSTALL)
  console.warn(`Browser tests are skipped. ${HOW_TO_INSTALL}`)
  return undefined
}
