import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Cache, createCache } from 'express-cacheable'
import type { Page } from 'playwright-core'
import { startBrowser, Tab } from '../../support/browser.js'
import { PROJECT_ROOT } from '../../support/project-root.js'
import { startRedis } from '../../support/redis.js'
import { LoadedCrm } from '../loaded-crm.js'
import { shrinkPng } from './shrink-png.js'

/*
 * Takes the pictures of the guide, docs/pictures/dashboard-*.png, of a CRM in two processes over Redis that is read and
 * written meanwhile: what they show is what the pages show. Charts want some minutes to have something to draw.
 */

const FOLDER = join(PROJECT_ROOT, 'docs/pictures')
const LARGEST_BYTES = 100_000
const DESK = { width: 1280, height: 800 }
const PHONE = { width: 360, height: 740 }

interface Picture {
  readonly name: string
  readonly hash: string
  readonly colorScheme?: 'light' | 'dark'
  readonly viewport?: { readonly width: number; readonly height: number }
  /** What is done before. */
  readonly act?: (page: Page) => Promise<unknown>
}

const PICTURES: readonly Picture[] = [
  { name: 'now', hash: '#/now' },
  { name: 'now-dark', hash: '#/now', colorScheme: 'dark' },
  { name: 'now-phone', hash: '#/now', viewport: PHONE },
  { name: 'rules', hash: '#/rules', act: (page) => page.getByRole('button', { name: 'GET /tasks' }).click() },
  { name: 'map', hash: '#/map?node=read:GET /reports/sales' },
  { name: 'keys', hash: '#/keys?pattern=customer:', act: preview },
  { name: 'key', hash: '#/keys?key=customer:7' },
  { name: 'events', hash: '#/events?hide=answers' },
  {
    name: 'why',
    hash: '#/why?method=GET&url=/tasks',
    act: (page) => page.getByRole('button', { name: 'Ask' }).click(),
  },
]

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, to: { type: 'string', default: FOLDER } },
})
const browser = await startBrowser()
if (!browser) throw new Error('There is no Chromium: apt install chromium.')
const redis = await startRedis()
const caches = ['crm-api', 'crm-worker'].map(
  (name): Cache => createCache({ redis: redis.url, keyPrefix: 'crm:', name, deadlineMs: 5_000 }),
)
const startedAt = Date.now()
const crm = await LoadedCrm.start({
  caches,
  dashboard: { values: true, removal: true },
  handlerMs: () => 8 + Math.random() ** 3 * 60,
  // As if people came and went.
  pauseMs: () => 25 + 14 * Math.sin((Date.now() - startedAt) / 25_000),
})
try {
  console.log(`Load runs for ${values.minutes} minutes.`)
  await sleep(Number(values.minutes) * 60_000)
  for (const picture of PICTURES) await take(picture)
} finally {
  await browser.close()
  await crm.stop()
  for (const cache of caches) await cache.close()
  await redis.stop()
}

async function take({ name, hash, colorScheme = 'light', viewport = DESK, act }: Picture): Promise<void> {
  if (!browser) return
  const options = { colorScheme, viewport, reducedMotion: 'reduce' } as const
  const tab = await Tab.open(browser, `${crm.dashboardUrl}${hash}`, options)
  await tab.page.locator('.connection-live').waitFor()
  await act?.(tab.page)
  // Long enough for the lines of the last seconds to have a shape.
  await sleep(name.startsWith('now') ? 20_000 : 2000)
  const path = join(values.to, `dashboard-${name}.png`)
  const picture = shrinkPng(await tab.page.screenshot())
  writeFileSync(path, picture)
  const size = picture.length
  console.log(`${path}: ${size} bytes`)
  if (size > LARGEST_BYTES) {
    console.error(`${path} has more than ${LARGEST_BYTES} bytes.`)
    process.exitCode = 1
  }
  for (const complaint of tab.complaints) {
    console.error(`${name}: ${complaint}`)
    process.exitCode = 1
  }
  await tab.close()
}

async function preview(page: Page): Promise<void> {
  await page.locator('.removing summary').click()
  await page.getByLabel('Pattern', { exact: true }).fill('customer:*')
  await page.getByRole('button', { name: 'Preview' }).click()
}
