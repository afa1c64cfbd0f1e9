import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const HOW_TO_INSTALL =
  'No Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to where it is.'

/**
 * The first two are pages of Chromium itself, which open with each window. The next two would start more processes. The
 * others are the ones of Playwright's own list that a test can notice, because this list replaces it.
 */
const UNUSED_FEATURES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'SpareRendererForSitePerProcess',
  'OriginKeyedProcessesByDefault',
  'PaintHolding',
  'MediaRouter',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'ThirdPartyStoragePartitioning',
  'PreconnectToSearch',
]

const executablePath = find()

/** To skip what needs a browser where there is none. In CI there has to be one. */
export const hasChromium = executablePath !== undefined

let opened: Promise<Browser> | undefined

/**
 * Returns the one context of the one Chromium that all tests share. A second page costs half the processor time of the
 * first. Each gateway has a port of its own, so its origin finds nothing that another test kept in the browser.
 */
export async function openChromium(): Promise<BrowserContext> {
  opened ??= launch()
  const browser = await opened
  return browser.contexts()[0] ?? browser.newContext()
}

export async function closeChromium(): Promise<void> {
  const browser = await opened
  opened = undefined
  await browser?.close()
}

function launch(): Promise<Browser> {
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
      // All pages share a process. It keeps the scripts of GraphiQL compiled.
      '--renderer-process-limit=1',
      '--disable-site-isolation-trials',
      `--disable-features=${UNUSED_FEATURES.join()}`,
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
