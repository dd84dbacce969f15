import type { Browser } from 'playwright-core'
import { startBrowser } from '../support/browser.js'
import { pendingOutsideCi } from '../support/pending-outside-ci.js'
import { describeAccess } from './access.js'
import { FixtureServer } from './fixture-server.js'
import { describeLoaded } from './loaded.js'
import { describeStates } from './states.js'

describe("the dashboard's pages", function () {
  this.timeout(60_000)

  let browser: Browser | undefined
  let fixture: FixtureServer | undefined

  before(async function () {
    browser = await startBrowser()
    if (!browser) pendingOutsideCi(this, 'There is no Chromium: apt install chromium.')
    fixture = await FixtureServer.start()
  })

  after(async () => {
    await browser?.close()
    await fixture?.stop()
  })

  const started = () => {
    if (!browser || !fixture) throw new Error('before() has started neither.')
    return { browser, fixture }
  }

  describeAccess(started)
  describeStates(started)
  describeLoaded(started)
})
