// Photographs the page of the demo for the docs: node scripts/photograph-demo.mjs, after npm run build. With a folder as
// its argument it photographs all of it into there, for a person to look at: on a phone and on a desk, light and dark, in
// both languages.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = join(fileURLToPath(import.meta.url), '../..')
const PICTURE = join(root, 'docs/pictures/demo-web.png')
const SIZES = { phone: { width: 360, height: 780 }, desk: { width: 1280, height: 900 } }
const WIDE = { width: 1600, height: 1000 }
/** Panels are still when none of them waits for its answer. */
const ANSWERED = () => {
  const panels = [...document.querySelectorAll('[data-panel]')]
  return panels.length === 7 && panels.every((panel) => panel.getAttribute('aria-busy') === 'false')
}

const [folder] = process.argv.slice(2)
const demo = spawn(process.execPath, [join(root, 'build/demo/main.js')], {
  env: { PATH: process.env.PATH, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // As root, which a container mostly is, it has no sandbox. It shows our own pages alone.
  args: ['--no-sandbox'],
})
try {
  const url = await urlOf(demo)
  if (folder) await photographAll(url)
  else await photographWrite(url)
} finally {
  await browser.close()
  demo.kill('SIGTERM')
  await once(demo, 'exit')
}

/** The page after a write, with the cache beside it. */
async function photographWrite(url) {
  const tab = await open(url, { viewport: WIDE })
  await signIn(tab)
  await write(tab)
  const tail = tab.frameLocator('iframe')
  // What was stored and removed, without who was answered.
  await tail.getByText('Answers', { exact: true }).click()
  await tail.getByText('AnalyticsEvents.onTaskCompleted').first().waitFor()
  await tab.screenshot({ path: PICTURE })
}

async function photographAll(url) {
  mkdirSync(folder, { recursive: true })
  for (const [size, viewport] of Object.entries({ ...SIZES, wide: WIDE })) {
    for (const colorScheme of ['light', 'dark']) {
      for (const locale of ['en', 'ja']) {
        const tab = await open(url, { viewport, colorScheme, locale })
        const shoot = (what, fullPage = false) =>
          tab.screenshot({ path: join(folder, `${size}-${colorScheme}-${locale}-${what}.png`), fullPage })
        await shoot('sign-in')
        await signIn(tab)
        await shoot('panels', size !== 'wide')
        await write(tab)
        await shoot('write')
        await tab.locator('.panel.customers .controls button').click()
        await tab.locator('dialog button.primary').click()
        await tab.locator('dialog .field-problem').first().waitFor()
        await shoot('dialog')
        await tab.context().close()
      }
    }
  }
}

async function open(url, { locale = 'en', ...options }) {
  const context = await browser.newContext({ locale, ...options })
  const tab = await context.newPage()
  await tab.goto(url)
  return tab
}

async function signIn(tab) {
  await tab.locator('.people button').first().click()
  await tab.waitForFunction(ANSWERED)
}

/** Completes a task, and waits until all panels have asked again. */
async function write(tab) {
  await tab.locator('.panel.tasks .rows button').first().click()
  await tab.locator('.after[data-round="1"] .MISS').waitFor()
  await tab.waitForFunction(ANSWERED)
}

/** Where a demo says that it listens, once it does. */
async function urlOf({ stdout }) {
  let said = ''
  for await (const text of stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text
    const [, url] = /listens on (\S+)/.exec(said) ?? []
    if (url) {
      // What it says from here on is not kept, and must not fill the pipe.
      stdout.resume()
      return url
    }
  }
  throw new Error('The demo has ended')
}
