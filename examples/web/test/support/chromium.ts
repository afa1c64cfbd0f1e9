import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const HOW_TO_INSTALL = 'No Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.'

const { CHROMIUM_PATH, CI } = process.env
const executablePath = [CHROMIUM_PATH ?? USUAL_PLACES].flat().find((path) => existsSync(path))

/** Without Chromium, the tests are skipped. In CI they fail. */
export const hasChromium = executablePath !== undefined
if (!hasChromium && CI === 'true') throw new Error(HOW_TO_INSTALL)
if (!hasChromium) console.warn(`Tests are skipped. ${HOW_TO_INSTALL}`)

export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(HOW_TO_INSTALL)
  // Requests to other hosts fail, and so do the tests that see them.
  const offline = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost'
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', offline] })
}
