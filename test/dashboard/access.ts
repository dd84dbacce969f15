import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { Tab } from '../support/browser.js'
import type { FixtureServer } from './fixture-server.js'

export type Started = () => { readonly browser: Browser; readonly fixture: FixtureServer }

const SCREENS = [
  { name: 'a phone by day', colorScheme: 'light', viewport: { width: 360, height: 740 } },
  { name: 'a desk by night', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
] as const

/** A page, where it is, and what is there when it is drawn. */
const PAGES = [
  { title: 'Now', hash: '#/now', drawn: '.processes tbody tr, canvas' },
  { title: 'Rules', hash: '#/rules?rule=GET /tasks', drawn: '.rule-details' },
  { title: 'Map', hash: '#/map?node=read:GET /reports/sales', drawn: '.box-chosen' },
  { title: 'Keys', hash: '#/keys', drawn: '.keys tbody tr' },
  { title: 'Keys', hash: '#/keys?key=customers:42', drawn: '.events tbody tr' },
  { title: 'Events', hash: '#/events', drawn: '.events tbody tr' },
  { title: 'Why?', hash: '#/why?method=GET&url=/tasks', drawn: '.question' },
] as const

/** Everybody can use the pages, on whatever screen. */
export function describeAccess(started: Started): void {
  describe('for everybody', () => {
    let walked: Tab

    before(async () => {
      const { browser, fixture } = started()
      walked = await Tab.open(browser, fixture.url, { reducedMotion: 'reduce' })
    })

    after(() => walked?.close())

    for (const { title, hash, drawn } of PAGES) {
      it(`draws ${title} (${hash}) without a fault, on a phone by day and a desk by night`, async () => {
        const tab = walked
        await tab.goTo(hash)
        await tab.page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
        await tab.page.locator(drawn).first().waitFor()
        if (title === 'Why?') {
          await tab.page.getByRole('button', { name: 'Ask' }).click()
          await tab.page.locator('.decision').waitFor()
        }
        expect(await tab.page.title()).to.equal(`${title} · cache`)
        const faults: string[] = []
        for (const { name, colorScheme, viewport } of SCREENS) {
          await tab.page.emulateMedia({ colorScheme })
          await tab.page.setViewportSize(viewport)
          faults.push(...(await tab.faultsForPeople()).map((fault) => `${name}: ${fault}`))
          const excess = await tab.excessWidth()
          if (excess > 0) faults.push(`${name}: ${excess} pixels too wide`)
        }
        expect(faults).to.deep.equal([])
        expect(tab.complaints).to.deep.equal([])
      })
    }

    it('is walked through by the keyboard alone', async () => {
      const { browser, fixture } = started()
      const tab = await Tab.open(browser, `${fixture.url}#/map?node=read:GET /tasks`)
      const { page } = tab
      await page.locator('.box').first().waitFor()
      const focused = () => page.evaluate<string>('document.activeElement.textContent')
      await page.keyboard.press('Tab')
      expect(await focused()).to.equal('Skip to Map')
      await page.keyboard.press('Enter')
      expect(await page.evaluate('document.activeElement.tagName')).to.equal('MAIN')
      expect(page.url()).to.include('#/map?node=')
      const box = page.getByRole('button', { name: /^write PUT \/customers\/:id,/ })
      await box.focus()
      await page.keyboard.press('Enter')
      await page.locator('.map-details').getByText('Removes').waitFor()
      expect(await box.getAttribute('aria-pressed')).to.equal('true')
      expect(await page.locator('.map-details').textContent()).to.include('customers:list:*')
      await page.keyboard.press('Space')
      await page.locator('.map-details').waitFor({ state: 'detached' })
      // A page turn hands the focus on to the page.
      await page.getByRole('link', { name: 'Events' }).press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
      expect(await page.evaluate('document.activeElement.tagName')).to.equal('MAIN')
      await tab.close()
    })

    it('keeps the colours that were chosen', async () => {
      const { browser, fixture } = started()
      const tab = await Tab.open(browser, fixture.url, { colorScheme: 'light' })
      const ground = () =>
        tab.page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
      await tab.page.getByLabel('Colours').waitFor()
      const light = await ground()
      await tab.page.getByLabel('Colours').selectOption('Dark')
      const dark = await ground()
      expect(dark).to.not.equal(light)
      await tab.page.reload()
      await tab.page.getByLabel('Colours').waitFor()
      expect(await ground()).to.equal(dark)
      await tab.page.getByLabel('Colours').selectOption('Auto')
      expect(await ground()).to.equal(light)
      expect(tab.complaints).to.deep.equal([])
      await tab.close()
    })
  })
}
