import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import type { Locator } from 'playwright-core'
import { Tab } from '../support/browser.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'
import type { Started } from './access.js'
import { LoadedCrm } from './loaded-crm.js'

/** Which the load leaves alone. */
const KEY = 'customer:77'
const PATH = '/customers/77'

/** What the pages say of applications that are read and written meanwhile. */
export function describeLoaded(started: Started): void {
  describe('while load runs (in-process store)', () => {
    describeOn(started, ['crm-api'], async () => ({}))
  })

  describe('while load runs in two processes (Redis)', () => {
    describeOn(started, ['crm-api', 'crm-worker'], async (context) => ({
      redis: await redisForTests(context),
      keyPrefix: `test-${randomBytes(6).toString('hex')}:`,
      deadlineMs: 5_000,
    }))
  })
}

function describeOn(
  started: Started,
  names: readonly string[],
  storeOptions: (context: Mocha.Context) => Promise<CacheOptions>,
): void {
  let caches: readonly Cache[] = []
  let crm: LoadedCrm
  let tab: Tab

  before(async function () {
    const options = await storeOptions(this)
    caches = names.map((name) => createCache({ ...options, name, logger: recordingLogger() }))
    crm = await LoadedCrm.start({ caches, dashboard: { values: true, removal: true } })
    tab = await Tab.open(started().browser, crm.dashboardUrl)
  })

  after(async () => {
    await tab?.close()
    await crm?.stop()
    await caches[0]?.deletePattern('*')
    for (const cache of caches) await cache.close()
  })

  afterEach(() => expect(tab.complaints).to.deep.equal([]))

  const row = (table: string, text: string | RegExp) =>
    tab.page.locator(`${table} tbody tr`, { hasText: text })

  it('runs nothing that the strictest policy forbids', async () => {
    // A violation would be among the complaints of the tab.
    const { headers } = await fetch(crm.dashboardUrl)
    expect(headers.get('content-security-policy'))
      .to.include("default-src 'self'")
      .and.not.to.include('unsafe')
  })

  it('counts what happens, as it happens', async () => {
    const requests = tab.page.locator('.tile', { hasText: 'Requests' }).locator('.tile-value')
    const before = await figureOf(requests)
    await until('more requests', async () => (await figureOf(requests)) > before)
    await aRate('of all', tab.page.locator('.tile-main .tile-value').first())
    for (const name of names) expect(await row('.processes', name).count(), name).to.equal(1)
    if (names.length > 1) await tab.page.getByText(/^Redis \d/).waitFor()
  })

  it('says what each rule does, and what to do about it', async () => {
    await tab.goTo('#/rules?rule=GET /tasks')
    const tasks = row('.rules', 'GET /tasks').first()
    await tasks.waitFor()
    await tab.page
      .getByText(/See that authentication runs before the cache|Give the placeholder a default/)
      .waitFor()
    await tab.page.getByLabel('Find').fill('')
    expect(await row('.rules', 'GET /currencies').textContent()).to.include('never evicted')
    await aRate('of a rule', row('.rules', 'GET /customers/:id').first().locator('.column-rate'))
  })

  it('draws which write removes what', async () => {
    await tab.goTo('#/map')
    await tab.page.getByRole('button', { name: /^write PUT \/customers\/:id,/ }).click()
    const details = tab.page.locator('.map-details')
    await details.getByText('Removes').waitFor()
    const removed = await details.locator('li').allTextContents()
    expect(removed).to.have.members([
      'GET /customers by customers:list:*',
      'GET /customers/:id by customer:{id}',
      'GET /reports/sales by table customer',
    ])
    const notes = await tab.page.locator('.note').allTextContents()
    expect(notes[0]).to.match(/^Nothing evicts 2\sreads: GET \/tasks, GET \/currencies/)
    expect(notes[1]).to.match(/^1\swrite evicts nothing that a read stores: POST \/notifications/)
  })

  it('tells the story of a key, and who removed it', async () => {
    expect(await crm.send('GET', PATH)).to.equal('MISS')
    await until('the fill', async () => (await crm.send('GET', PATH)) === 'HIT')
    await tab.goTo('#/keys?pattern=customer:7')
    await row('.keys', KEY).getByRole('link').click()
    await row('.events', 'fill').first().waitFor()
    expect(await tab.page.locator('pre').textContent()).to.include('"name": "Customer 77"')
    await crm.send('PUT', PATH)
    await row('.events', 'evict').filter({ hasText: 'PUT /customers/:id' }).first().waitFor()
    await tab.page.getByText('Nothing is stored under this key now.').waitFor()
    // The tail says it as well.
    await tab.goTo(`#/events?text=${KEY}`)
    const evicted = row('.events', 'evict').first()
    await evicted.waitFor()
    expect(await evicted.textContent())
      .to.include(KEY)
      .and.to.include('PUT /customers/:id')
    expect(await crm.send('GET', PATH)).to.equal('MISS')
  })

  it('answers why', async () => {
    await until('the fill', async () => (await crm.send('GET', PATH)) === 'HIT')
    await tab.goTo(`#/why?method=GET&url=${PATH}`)
    const decided = (xCache: string) => tab.page.locator('.x-cache', { hasText: xCache })
    await tab.page.getByRole('button', { name: 'Ask' }).click()
    await decided('HIT').waitFor()
    await crm.send('PUT', PATH)
    await tab.page.getByRole('button', { name: 'Ask' }).click()
    await decided('MISS').waitFor()
    await tab.page.getByLabel('Path and query').fill('/tasks')
    await tab.page.getByRole('button', { name: 'Ask' }).click()
    await decided('BYPASS').waitFor()
    expect(await tab.page.locator('.step-stops .mend').count()).to.equal(1)
    await tab.page.getByText('Headers and who is signed in').click()
    await tab.page.getByLabel('req.user as JSON').fill('{ "id": "nobody" }')
    await tab.page.getByRole('button', { name: 'Ask' }).click()
    await decided('MISS').waitFor()
    expect(await tab.page.getByText('tasks:nobody').count()).to.be.greaterThan(0)
  })

  it('removes what was previewed', async () => {
    await until('the fill', async () => (await crm.send('GET', PATH)) === 'HIT')
    await tab.goTo(`#/keys?key=${KEY}`)
    await tab.page.locator('.removing summary').click()
    await tab.page.getByRole('button', { name: 'Preview' }).click()
    await tab.page.getByText('It would remove 1 entry:').waitFor()
    expect(await tab.page.locator('.key-list li').allTextContents()).to.deep.equal([KEY])
    await tab.page.getByRole('button', { name: 'Remove 1 entry…' }).click()
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await tab.page.getByText('1 entry removed.').waitFor()
    expect(await crm.send('GET', PATH)).to.equal('MISS')
    await row('.events', 'the dashboard').first().waitFor()
  })
}

/** It is none before the first of twenty customers has been asked for twice. */
async function aRate(of: string, locator: Locator): Promise<void> {
  await until(`a hit rate ${of} that is neither none nor all`, async () => {
    const rate = await figureOf(locator)
    return rate >= 1 && rate <= 99
  })
}

/** The first number of a text. */
async function figureOf(locator: Locator): Promise<number> {
  const text = (await locator.textContent()) ?? ''
  return Number(/[\d.,]+/.exec(text)?.[0].replaceAll(',', ''))
}
