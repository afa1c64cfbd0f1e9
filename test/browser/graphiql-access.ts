import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { findingsOf } from './axe.ts'
import { hasChromium, openChromium } from './chromium.ts'
import { openGraphiql, takeScreenshot } from './graphiql-page.ts'

const JONAH = '63850203bfb8460546071e6e'

describe.skipIf(!hasChromium)('GraphiQL for everyone', { timeout: 60_000 }, () => {
  let gateway: TestGateway
  let browser: BrowserContext
  beforeAll(async () => {
    gateway = await startGateway({ graphiql: 'on' })
    browser = await openChromium()
  }, 60_000)
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
  })

  it('needs no mouse, and has nothing that axe-core finds, except what is of GraphiQL itself', async () => {
    await using graphiql = await openGraphiql(browser, gateway.url)
    const { page } = graphiql
    expect(await findingsOf(page)).toEqual([])

    await tabTo(page, 'AsTeacher')
    await page.keyboard.press('Enter')
    await graphiql.editor.getByText('AsTeacher', { exact: true }).waitFor()
    await graphiql.isReady('AsTeacher')
    await tabTo(page, /A.teacher.sees/)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+End')
    await page.keyboard.insertText('# typed')
    await graphiql.editor.getByText('# typed').waitFor()
    await page.keyboard.press('Control+M')
    await tabTo(page, /^Execute query/)
    const answered = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.keyboard.press('Enter')
    expect((await (await answered).json()).data.student.displayName).toBe('Jonah S Collins')
    await graphiql.result.getByText('"student"', { exact: true }).waitFor()
    await graphiql.screenshot('keyboard')
    expect(await findingsOf(page)).toEqual([])
  })

  describe('in a window of 390 pixels', () => {
    let page: Page
    const problems: string[] = []
    const answer = () => page.getByRole('region', { name: 'Answer' })
    /** The answer, as it is on the screen. */
    async function shown(status: RegExp) {
      await page.getByRole('status').getByText(status).waitFor()
      return JSON.parse(await answer().innerText())
    }
    const choose = (person: string) => page.getByLabel('Person').selectOption(person)
    const send = () => page.getByRole('button', { name: 'Send' }).click()

    beforeAll(async () => {
      page = await browser.newPage()
      await page.setViewportSize({ width: 390, height: 844 })
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(message.text())
      })
      await page.goto(`${gateway.url}/graphql`)
    })
    afterAll(() => page.close())

    it('is a form that says why, fits, and has nothing that axe-core finds', async () => {
      await page.getByText('GraphiQL needs a wider window').waitFor()
      await takeScreenshot(page, 'form')
      expect(await page.locator('.graphiql-container').count()).toBe(0)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
      expect(await findingsOf(page)).toEqual([])
    })

    it('shows each person the own answer to the query of that person', async () => {
      const people = await page.getByLabel('Person').locator('option').allInnerTexts()
      expect(people).toEqual(['service', 'guardian', 'teacher', 'school staff', 'district admin', 'student'])
      const answers: Record<string, string> = {}
      for (const person of people) {
        await choose(person)
        await send()
        const { data, errors } = await shown(/status 200/)
        expect(errors).toBeUndefined()
        answers[person] = Object.keys(data).join(' ')
        await takeScreenshot(page, `form-${person.replace(' ', '-')}`)
        await page.getByLabel('Query').press('End')
      }
      expect(answers).toEqual({
        service: 'contact',
        guardian: 'contactsViewer niece',
        teacher: 'student',
        'school staff': 'contacts',
        'district admin': 'districts contacts',
        student: 'students',
      })
      expect(await findingsOf(page)).toEqual([])
    })

    it('sends a query of the user with variables, and keeps it when another person is chosen', async () => {
      await page.getByLabel('Query').fill('query Ask($id: ID!) { student(id: $id) { email { raw } grade } }')
      await page.getByLabel('Variables').fill(`{"id": "${JONAH}"}`)
      const grades: unknown[] = []
      for (const person of ['teacher', 'guardian']) {
        await choose(person)
        await send()
        grades.push((await shown(/status 200/)).data.student.grade)
      }
      expect(grades).toEqual(['Kindergarten', 'Kindergarten'])
    })

    it('says what is wrong with variables, and shows the errors of the gateway', async () => {
      await page.getByLabel('Variables').fill('{id}')
      await send()
      await page.getByRole('status').getByText('The variables are not JSON').waitFor()
      await page.getByLabel('Variables').fill('')
      await page.getByLabel('Query').fill('{ nothing }')
      await send()
      const { errors } = await shown(/status 400|status 200/)
      expect(errors[0].message).toContain('nothing')
    })

    it('works by keyboard alone', async () => {
      await page.reload()
      await tabTo(page, 'form-person')
      await page.keyboard.type('teacher')
      await tabTo(page, 'form-query')
      await page.keyboard.press('Control+Enter')
      expect((await shown(/status 200/)).data.student.displayName).toBe('Jonah S Collins')
      await tabTo(page, 'Send')
      await page.keyboard.press('Enter')
      await shown(/status 200/)
      await tabTo(page, 'Answer')
      await takeScreenshot(page, 'form-keyboard')
    })

    it('becomes GraphiQL in a wider window, and puts nothing into the address', async () => {
      await page.setViewportSize({ width: 1280, height: 800 })
      await page.getByRole('tab', { name: 'AsGuardian' }).waitFor()
      expect(await page.getByLabel('Person').isVisible()).toBe(false)
      expect(page.url()).toBe(`${gateway.url}/graphql`)
      expect(problems.filter((problem) => !problem.includes('400'))).toEqual([])
    })

    it('asks for a token where a real issuer signs them', async () => {
      await using real = await startGateway({ graphiql: 'without people' })
      await page.setViewportSize({ width: 390, height: 844 })
      await page.goto(`${real.url}/graphql`)
      expect(await page.getByLabel('Person').count()).toBe(0)
      await send()
      expect((await shown(/status 401/)).errors[0].extensions.code).toBe('UNAUTHENTICATED')
      await page.getByLabel('Token').fill(await real.tokenFor(SERVICE))
      await send()
      expect((await shown(/status 200/)).data.districts).toHaveLength(1)
      await takeScreenshot(page, 'form-real')
      expect(await findingsOf(page)).toEqual([])
    })
  })
})

/** Presses Tab until the element with this name or id has the focus. */
async function tabTo(page: Page, name: string | RegExp) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab')
    const focused = (await page.evaluate(
      '[document.activeElement.id, document.activeElement.ariaLabel, document.activeElement.textContent]',
    )) as (string | null)[]
    if (focused.some((text) => (typeof name === 'string' ? text === name : name.test(text ?? '')))) return
  }
  throw new Error(`Tab never reaches ${name}.`)
}
