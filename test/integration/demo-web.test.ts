import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { defineInABrowser } from './demo-web/in-a-browser.js'
import { defineWhatServesIt } from './demo-web/what-serves-it.js'

const START_TIMEOUT_MS = 60_000

describe('the page of the CRM', () => {
  let demo: RunningDemo

  before(async function () {
    this.timeout(START_TIMEOUT_MS)
    demo = await startDemo({ ...DEFAULT_CONFIG, signInsPerMinute: 100_000, port: 0, warm: false })
  })
  after(() => demo?.close())

  describe('and what serves it', () => defineWhatServesIt(() => demo))
  describe('in a browser', () => defineInABrowser(() => demo))
})
