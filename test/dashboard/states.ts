import { expect } from 'chai'
import { Tab } from '../support/browser.js'
import type { Started } from './access.js'
import * as data from './fixture-data.js'
import { ServedFault } from './fixture-server.js'

/** What a server in health does not show. */
export function describeStates(started: Started): void {
  describe('in trouble', () => {
    afterEach(() => started().fixture.answerWith())

    const open = (hash: string) => {
      const { browser, fixture } = started()
      return Tab.open(browser, `${fixture.url}${hash}`)
    }

    it('says that the connection is lost, and goes on by itself when it is there again', async () => {
      const { fixture } = started()
      const tab = await open('#/now')
      const { page } = tab
      const note = page.getByText('Connection lost, trying again.')
      await page.getByText('live').waitFor()
      fixture.answerWith({
        'api/overview': () => new ServedFault(403, 'You may not see the cache.', 'Ask an administrator.'),
      })
      fixture.breakOff()
      await note.waitFor()
      await page.getByText('You may not see the cache. Ask an administrator.').waitFor()
      // What was last known is still there, and says how old it is.
      expect(await page.locator('.tile').count()).to.be.greaterThan(6)
      fixture.answerWith()
      await note.waitFor({ state: 'detached' })
      await tab.close()
    })

    it('says what needs somebody, the worst first', async () => {
      const { fixture } = started()
      const store = { kind: 'redis', available: false, circuit: 'open', owedEvictions: 3 } as const
      const healthy = data.overview()
      fixture.answerWith({
        'api/overview': () =>
          data.overview({
            processes: healthy.processes.map((process, nth) => (nth === 0 ? { ...process, store } : process)),
            totals: { ...healthy.totals, forgotten: 2 },
            redis: healthy.redis && { ...healthy.redis, usedMemoryBytes: 520_000_000 },
          }),
      })
      const tab = await open('#/now')
      const notes = tab.page.getByRole('region', { name: 'What needs somebody' }).locator('.note')
      await notes.first().waitFor()
      expect(await notes.locator('strong').allTextContents()).to.deep.equal(
        [
          'The store does not answer crm-api (4120).',
          '3 evictions are owed: the store has not acknowledged what writes removed.',
          'Writes have left 2 entries that were made from what the writes changed.',
          'Redis uses 96.9 % of the memory that it may use.',
        ].map((text) => text.replace(/(\d) (evictions|entries|%)/, '$1\u00a0$2')),
      )
      expect(await tab.faultsForPeople()).to.deep.equal([])
      await tab.close()
    })

    it('says what to do where there is nothing yet', async () => {
      const { fixture } = started()
      const none = { ...data.overview().totals, hits: 0, misses: 0, bypasses: 0, savedMs: 0 }
      fixture.answerWith({
        'api/overview': () => data.overview({ totals: none, history: [], keys: 0 }),
        'api/rules': () => ({ at: 0, rules: [] }),
        'api/map': () => ({ reads: [], writes: [], edges: [], unevicted: [], idle: [] }),
        'api/keys': () => ({ entries: [], next: null }),
        'api/key': () => ({ entry: null, value: null, valueHidden: false, story: [] }),
        'api/events': () => [],
        'api/explain': () => [],
      })
      const tab = await open('#/now')
      const says = (text: string | RegExp) => tab.page.getByText(text).first().waitFor()
      await says('No request has met a rule yet.')
      await tab.goTo('#/rules')
      await says('No rule for reading is registered.')
      await tab.goTo('#/map')
      await says('There is nothing to draw yet.')
      await tab.goTo('#/keys')
      await says('Nothing is stored.')
      await tab.goTo('#/keys?pattern=nobody:*')
      await says('No key is like nobody:*')
      await tab.goTo('#/keys?key=nobody:1')
      await says('Nothing is stored under this key now.')
      await tab.goTo('#/events')
      await says('Nothing has happened yet.')
      await tab.goTo('#/why?method=GET&url=/nothing')
      await tab.page.getByRole('button', { name: 'Ask' }).click()
      await says('No rule for reading is on this route')
      expect(tab.complaints).to.deep.equal([])
      await tab.close()
    })

    it('shows what the server says is wrong, with the mend', async () => {
      const { fixture } = started()
      fixture.answerWith({
        'api/keys': () =>
          new ServedFault(400, 'A pattern has no empty segment.', 'Write customers:* instead.'),
      })
      const tab = await open('#/keys?pattern=customers::*')
      const { page } = tab
      const alert = page.getByRole('alert')
      await alert.waitFor()
      expect(await alert.textContent()).to.equal('A pattern has no empty segment.Write customers:* instead.')
      await tab.close()
    })

    it('lets a question be mended that cannot be read', async () => {
      const tab = await open('#/why?method=GET&url=/tasks')
      const { page } = tab
      await page.getByText('Headers and who is signed in').click()
      await page.getByLabel('req.user as JSON').fill('{ id: 7 }')
      await page.getByRole('button', { name: 'Ask' }).click()
      await page.getByText('Who is signed in is not JSON.').waitFor()
      await page.getByLabel('req.user as JSON').fill('{ "id": 7 }')
      await page.getByRole('button', { name: 'Ask' }).click()
      await page.locator('.decision').waitFor()
      expect(await page.getByRole('alert').count()).to.equal(0)
      await tab.close()
    })
  })

  describe('removing', () => {
    afterEach(() => started().fixture.answerWith())

    const preview = async () => {
      const { browser, fixture } = started()
      const tab = await Tab.open(browser, `${fixture.url}#/keys?pattern=customers:*`)
      await tab.page.locator('.removing summary').click()
      await tab.page.getByRole('button', { name: 'Preview' }).click()
      await tab.page.getByText('It would remove 120 entries').waitFor()
      return tab
    }

    it('is not offered where it is off, and the preview says what it would take', async () => {
      const { fixture } = started()
      const { settings } = data.overview()
      fixture.answerWith({
        'api/overview': () => data.overview({ settings: { ...settings, removal: false } }),
      })
      const tab = await preview()
      expect(await tab.page.locator('.key-list li').count()).to.equal(100)
      expect(await tab.page.getByRole('button', { name: /^Remove/ }).count()).to.equal(0)
      expect(await tab.page.locator('.removing').textContent()).to.include('removal: true')
      await tab.close()
    })

    it('asks once more, and does nothing when told not to', async () => {
      const tab = await preview()
      const asked: string[] = []
      tab.page.on('request', (request) => {
        if (request.method() === 'POST')
          asked.push(`${request.url()} ${request.headers()['x-express-cacheable']}`)
      })
      const button = tab.page.getByRole('button', { name: 'Remove 120 entries…' })
      const dialog = tab.page.getByRole('dialog', { name: 'Remove 120 entries?' })
      await button.click()
      await dialog.getByRole('button', { name: 'Cancel' }).click()
      await dialog.waitFor({ state: 'hidden' })
      await button.click()
      await tab.page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
      expect(asked).to.deep.equal([])
      await button.click()
      expect(await tab.faultsForPeople()).to.deep.equal([])
      await dialog.getByRole('button', { name: 'Remove' }).click()
      await tab.page.getByText('3 entries removed.').waitFor()
      expect(asked).to.deep.equal([`${started().fixture.url}api/evict dashboard`])
      expect(tab.complaints).to.deep.equal([])
      await tab.close()
    })
  })

  describe('the live tail', () => {
    const event = (nth: number, text: string) => ({
      ...data.events()[0],
      nth: 1000 + nth,
      at: data.FIXTURE_NOW + nth,
      text,
    })

    it('shows what comes, holds still when told to, and leaves out what is not wanted', async () => {
      const { browser, fixture } = started()
      const tab = await Tab.open(browser, `${fixture.url}#/events`)
      const { page } = tab
      const row = (text: string) => page.locator('.events tbody tr', { hasText: text })
      await row('went past the cache').waitFor()
      fixture.tell('events', [event(1, 'first of all')])
      await row('first of all').waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      fixture.tell('events', [event(2, 'second of all')])
      await page.getByText('1 newer event').waitFor()
      expect(await row('second of all').count()).to.equal(0)
      await page.getByRole('button', { name: 'Go on' }).click()
      await row('second of all').waitFor()
      await page.getByRole('button', { name: 'Answers' }).click()
      await row('went past the cache').waitFor({ state: 'detached' })
      expect(await row('stored 1926 bytes').count()).to.equal(1)
      await page.getByLabel('Find').fill('while it was loaded')
      await row('stored 1926 bytes').waitFor({ state: 'detached' })
      expect(await page.locator('.events tbody tr').count()).to.equal(1)
      // Whoever is given the address sees the same.
      await page.reload()
      await row('while it was loaded').waitFor()
      expect(await page.locator('.events tbody tr').count()).to.equal(1)
      expect(tab.complaints).to.deep.equal([])
      await tab.close()
    })
  })
}
