import { expect } from 'chai'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import type { RunningDemo } from '#demo/app.js'
import { chromiumForTests } from '../../support/chromium.js'
import { type CrmPage, openCrm, PANELS, type PanelName } from '../../support/crm-page.js'

/** Of tests that do much, on two cores that others use as well. */
const SEVERAL_TIMEOUT_MS = 120_000
const WIDE = { width: 1600, height: 1000 }
const DESK = { width: 1280, height: 900 }
const PHONE = { width: 360, height: 780 }

/** Of a demo that has the seeded data, in the state in which it was left. */
export function defineInABrowser(demo: () => RunningDemo): void {
  let browser: Browser
  let page: CrmPage

  before(async function () {
    browser = await chromiumForTests(this)
  })
  after(() => browser?.close())

  beforeEach(() => demo().cache.clear())
  afterEach(async () => {
    await page?.close()
    expect(page?.look.complaints ?? [], 'what the browser objects to').to.deep.equal([])
  })

  async function open(options?: BrowserContextOptions): Promise<void> {
    page = await openCrm(browser, demo().url, options)
  }

  /** The browser tells of each answer of 400 and up, also of those that the page expects. */
  function expectAnswered(status: number): void {
    const told = page.look.complaints.splice(0)
    expect(told).to.have.length.above(0)
    for (const text of told) expect(text).to.contain(`the server responded with a status of ${status}`)
  }

  const all = (outcome: string) => Object.fromEntries(PANELS.map((name) => [name, outcome]))

  it('signs each of the three people in with one click, and out again; the dashboard is for the admin', async () => {
    await open()
    for (const person of ['admin', 'rep1', 'rep2'] as const) {
      await page.signIn(person)
      const intro = person === 'admin' ? 'Open the dashboard of the cache' : 'Sign in as the admin to see'
      await page.tab.getByText(intro).waitFor()
      await page.tab.getByRole('button', { name: 'Sign out' }).click()
      expect(await page.tab.evaluate('sessionStorage.length')).to.equal(0)
    }
  })

  it('says MISS, then HIT, and how long each took', async () => {
    await open()
    await page.signIn('admin')
    expect(await page.outcomes()).to.deep.equal(all('MISS'))
    await page.askAgain()
    expect(await page.outcomes()).to.deep.equal(all('HIT'))
    for (const name of PANELS) {
      expect(await page.panel(name).locator('.ms').textContent()).to.match(/^\d+(\.\d)? ms$/)
      expect(await page.panel(name).locator('.ttl').textContent()).to.match(/^\d+ s left$/)
    }
    expect(await page.tab.locator('[data-spoken]').textContent()).to.match(
      /^Notifications: HIT, \d+(\.\d)? ms$/,
    )
    await page.tab.locator('.hit-rate', { hasText: '%' }).waitFor()
  })

  const writes: [what: string, write: () => Promise<void>, misses: PanelName[]][] = [
    [
      'a new customer',
      async () => {
        await page.panel('customers').getByRole('button', { name: 'New customer' }).click()
        await fill({ Name: 'Kestrel Works', 'E-mail': 'office@kestrel.example', Industry: 'energy' })
        await save()
      },
      ['customers', 'figures'],
    ],
    [
      'a changed customer',
      async () => {
        await page.panel('customers').getByRole('button', { name: 'Edit Kestrel Works' }).click()
        await fill({ Name: 'Kestrel & Sons' })
        await save()
      },
      ['customers'],
    ],
    [
      'a deleted customer',
      async () => {
        await page.panel('customers').getByRole('button', { name: 'Edit Kestrel & Sons' }).click()
        await dialog().getByRole('button', { name: 'Delete' }).click()
        await dialog().getByRole('button', { name: 'Delete Kestrel & Sons?' }).click()
      },
      ['customers', 'figures'],
    ],
    [
      'a completed task',
      () => page.panel('tasks').getByRole('button', { name: 'Complete' }).first().click(),
      ['figures', 'tasks'],
    ],
    [
      'a new task',
      async () => {
        await page.panel('tasks').getByRole('button', { name: 'New task' }).click()
        await fill({ 'What is to be done': 'Call Kestrel', Due: '2031-04-05' })
        await save()
      },
      ['figures', 'tasks'],
    ],
    [
      'a new meeting',
      async () => {
        await page.panel('meetings').getByRole('button', { name: 'New meeting' }).click()
        await fill({ 'What it is about': 'Kestrel', When: '2031-04-05T10:00' })
        await save()
      },
      ['figures', 'meetings'],
    ],
    [
      'an approval',
      () => page.panel('approvals').getByRole('button', { name: 'Approve' }).first().click(),
      ['approvals', 'figures', 'reports'],
    ],
    [
      'a rejection',
      () => page.panel('approvals').getByRole('button', { name: 'Reject' }).first().click(),
      ['approvals', 'figures', 'reports'],
    ],
    [
      'a notification that was read',
      () => page.panel('notifications').getByRole('button', { name: 'Mark as read' }).first().click(),
      ['notifications'],
    ],
  ]
  it('turns the HITs that a write removes into MISSes, leaves the others, and says which', async function () {
    this.timeout(SEVERAL_TIMEOUT_MS)
    await open()
    await page.signIn('admin')
    for (const [index, [what, write, misses]] of writes.entries()) {
      await renewShortLived()
      await page.askAgain()
      expect(await page.outcomes(), `before ${what}`).to.deep.equal(all('HIT'))
      await write()
      await page.wrote(index + 1)
      const expected = { ...all('HIT'), ...Object.fromEntries(misses.map((name) => [name, 'MISS'])) }
      expect(await page.outcomes(), what).to.deep.equal(expected)
      const titles = await Promise.all(misses.map((name) => page.panel(name).locator('h2').textContent()))
      const said = await page.tab.locator('.after .MISS').textContent()
      expect(said?.match(/[A-Z][a-z]+/g), what).to.have.members(titles)
    }
  })

  it('shows the admin beside it, live, what a write has removed', async () => {
    await open({ viewport: WIDE })
    await page.signIn('admin')
    const events = page.tab.frameLocator('iframe')
    await events.locator('.connection-live').waitFor()
    await page.panel('meetings').getByRole('button', { name: 'New meeting' }).click()
    await fill({ 'What it is about': 'Kestrel', When: '2031-04-05T10:00' })
    await save()
    await page.wrote(1)
    for (const [who, what] of [
      ['POST /api/meetings/ in crm', 'removed 1: meetings:user:1:upcoming'],
      ['AnalyticsEvents.onMeetingScheduled in crm', 'removed 1: analytics:dashboard:1, reports:activities:*'],
    ] as const) {
      await events.locator('tr', { hasText: who }).filter({ hasText: what }).first().waitFor()
    }
    expect(await page.look.faultsForPeople(), 'with the cache beside it').to.deep.equal([])
    await page.tab.getByRole('button', { name: 'Hide the cache' }).click()
    expect(await page.tab.locator('iframe').count()).to.equal(0)
    const link = page.tab.getByRole('link', { name: 'Open the dashboard of the cache' })
    expect(await link.getAttribute('href')).to.equal('/admin/cache/')
  })

  it('turns pages, filters by industry, and says of each page what the cache did', async () => {
    await open()
    await page.signIn('rep1')
    const customers = page.panel('customers')
    await customers.getByRole('button', { name: 'Next' }).click()
    await customers.getByText('Page 2 of').waitFor()
    await customers.getByLabel('Industry').selectOption('health')
    await customers.getByText('Page 1 of').waitFor()
    expect((await page.outcomes()).customers).to.equal('MISS')
    const industries = await customers.locator('tbody td:last-child').allInnerTexts()
    expect(new Set(industries)).to.deep.equal(new Set(['health']))
    await customers.getByLabel('Industry').selectOption('all')
    await customers.getByText('Page 1 of 2').waitFor()
    expect((await page.outcomes()).customers).to.equal('HIT')
  })

  it('shows a name with markup as the text that it is', async () => {
    const hostile = '<img src=x onerror="window.owned = true">'
    const { id } = await demo().prisma.customer.create({
      data: { name: hostile, email: 'a@b.example', industry: '"><script>window.owned = true</script>' },
    })
    await open()
    await page.signIn('admin')
    const { tab } = page
    await page
      .panel('customers')
      .getByRole('button', { name: `Edit ${hostile}` })
      .click()
    await dialog().getByRole('button', { name: 'Delete' }).click()
    await dialog()
      .getByRole('button', { name: `Delete ${hostile}?` })
      .click()
    await page.wrote(1)
    expect(await tab.locator('.after').textContent()).to.contain(`${hostile} was deleted.`)
    expect(await tab.evaluate('window.owned')).to.equal(undefined)
    expect(await tab.locator('img').count()).to.equal(0)
    expect(await demo().prisma.customer.count({ where: { id } })).to.equal(0)
  })

  it('shows what the API has against a form beside the fields that are wrong', async () => {
    await open()
    await page.signIn('admin')
    await page.panel('customers').getByRole('button', { name: 'New customer' }).click()
    await fill({ Name: 'Kestrel Works', 'E-mail': 'nobody' })
    await save()
    const email = dialog().getByLabel('E-mail')
    await dialog().getByText('must be an e-mail address').waitFor()
    expect(await dialog().locator('[aria-invalid=true]').count()).to.equal(2)
    expect(await dialog().locator('[name=email]:focus').count(), 'what has the focus').to.equal(1)
    const problem = await email.getAttribute('aria-describedby')
    expect(await dialog().locator(`[id="${problem}"]`).textContent()).to.equal('must be an e-mail address')
    expect(await dialog().getByLabel('Name').inputValue()).to.equal('Kestrel Works')
    expectAnswered(400)
    await page.tab.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    const focused = await page.tab.evaluate('document.activeElement.textContent')
    expect(focused, 'what has the focus').to.equal('New customer')
  })

  it('keeps the token for the tab alone, through a reload, and leads back to signing in when it is not good any more', async () => {
    await open()
    const { tab } = page
    await page.signIn('rep2')
    await tab.reload()
    expect(await page.outcomes()).to.deep.equal(all('HIT'))
    expect(await tab.evaluate('document.cookie + JSON.stringify(localStorage)')).to.equal('{}')
    const other = await tab.context().newPage()
    await other.goto(demo().url)
    await other.locator('.people button').first().waitFor()

    await tab.evaluate(`
      const session = JSON.parse(sessionStorage.getItem('crm-session'))
      sessionStorage.setItem('crm-session', JSON.stringify({ ...session, token: session.token + 'x' }))`)
    await tab.reload()
    await tab.getByRole('alert').getByText('Your session has ended').waitFor()
    await tab.locator('.people button').first().waitFor()
    expectAnswered(401)
  })

  it('speaks Japanese to who does, and keeps the language that is chosen', async () => {
    await open({ locale: 'ja-JP' })
    const { tab } = page
    await tab.getByRole('button', { name: 'Rita Rep でサインイン' }).waitFor()
    await page.signIn('rep1')
    expect(await tab.locator('html').getAttribute('lang')).to.equal('ja')
    expect(await page.panel('customers').locator('h2').textContent()).to.equal('顧客')
    await tab.getByLabel('言語').selectOption('en')
    expect(await page.panel('customers').locator('h2').textContent()).to.equal('Customers')
    expect(await page.outcomes(), 'another language asks nothing').to.deep.equal(all('MISS'))
    await tab.reload()
    await page.outcomes()
    expect(await tab.locator('html').getAttribute('lang')).to.equal('en')
  })

  it('keeps nobody out who cannot see or point, light and dark, and fits a phone and a desk', async function () {
    this.timeout(SEVERAL_TIMEOUT_MS)
    await open({ viewport: PHONE, locale: 'ja' })
    const { tab } = page
    const expectFaultless = async (what: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await tab.emulateMedia({ colorScheme })
        expect(await page.look.faultsForPeople(), `${what}, ${colorScheme}`).to.deep.equal([])
      }
    }
    await expectFaultless('signing in')
    await tab.locator('.people button').first().focus()
    await tab.keyboard.press('Enter')
    await page.outcomes()
    for (const viewport of [DESK, PHONE]) {
      await tab.setViewportSize(viewport)
      expect(await page.look.excessWidth(), `pixels beyond ${viewport.width}`).to.equal(0)
    }
    await page.panel('notifications').getByRole('button').nth(1).click()
    await page.wrote(1)
    await expectFaultless('the panels')
    await page.panel('customers').locator('.controls button').focus()
    await tab.keyboard.press('Enter')
    await save()
    await dialog().locator('.field-problem').first().waitFor()
    await expectFaultless('a form')
    expectAnswered(400)
  })

  /** They live for 30 s: on a busy machine they would be a MISS for that alone. */
  async function renewShortLived(): Promise<void> {
    for (const name of ['approvals', 'notifications'] as const) {
      await demo().cache.deletePattern(`${name}:*`)
      await page.panel(name).locator('.note button').click()
    }
  }

  const dialog = () => page.tab.locator('dialog')
  const save = () => dialog().locator('button[type=submit]').click()

  async function fill(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(values)) await dialog().getByLabel(label).fill(value)
  }
}
