import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { chromiumForTests } from '../support/chromium.js'
import { type CrmPage, openCrm, PANELS } from '../support/crm-page.js'
import { demoInProcesses } from '../support/demo-in-processes.js'
import type { DemoUnderTest } from '../support/demo-under-test.js'

const TIMEOUT_MS = 60_000
const WIDE = { width: 1600, height: 1000 }

describe('the page of the CRM in six processes, through the gateway', function () {
  this.timeout(TIMEOUT_MS)

  let demo: DemoUnderTest
  let browser: Browser
  let page: CrmPage

  before(async function () {
    browser = await chromiumForTests(this)
    demo = await demoInProcesses(this)
    await demo.settle()
    await demo.cache.deletePattern('*')
    page = await openCrm(browser, demo.url, { viewport: WIDE })
    await page.signIn('admin')
  })
  after(() => browser?.close())

  const all = (outcome: string) => Object.fromEntries(PANELS.map((name) => [name, outcome]))
  const openTasks = async () => Number(await page.panel('figures').locator('dd').nth(1).textContent())

  it('says MISS, then HIT, and MISS again of what a write has removed in whichever service, and who removed it', async () => {
    expect(await page.outcomes()).to.deep.equal(all('MISS'))
    await page.askAgain()
    expect(await page.outcomes()).to.deep.equal(all('HIT'))
    const before = await openTasks()

    await page.panel('tasks').getByRole('button', { name: 'New task' }).click()
    await page.tab.getByLabel('What is to be done').fill('Call Kestrel')
    await page.tab.getByLabel('Due', { exact: true }).fill('2031-04-05')
    await page.tab.locator('dialog button[type=submit]').click()
    await page.wrote(1)
    const { tasks, ...others } = await page.outcomes()
    expect(tasks).to.equal('MISS')
    expect([others.customers, others.meetings]).to.deep.equal(['HIT', 'HIT'])

    // The figures are of another service, which hears of it through Kafka.
    await demo.settle()
    await page.panel('figures').locator('.note button').click()
    await page.outcomes()
    expect(await openTasks()).to.equal(before + 1)

    // The dashboard is of one process, and tells what all of them have done.
    const events = page.tab.frameLocator('iframe')
    for (const [who, what] of [
      ['POST /api/tasks/ in sales-activity', 'tasks:user:1:status:PENDING'],
      ['AnalyticsEvents.onTaskCreated in analytics', 'analytics:dashboard:1'],
    ] as const) {
      await events.locator('tr', { hasText: who }).filter({ hasText: what }).first().waitFor()
    }
    expect(page.look.complaints).to.deep.equal([])
  })
})
