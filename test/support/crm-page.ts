import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { until } from './until.js'

type Person = 'admin' | 'rep1' | 'rep2'
export const PANELS = [
  'figures',
  'tasks',
  'meetings',
  'customers',
  'reports',
  'approvals',
  'notifications',
] as const
export type PanelName = (typeof PANELS)[number]

const NAMES: Readonly<Record<Person, string>> = { admin: 'Ada Admin', rep1: 'Rita Rep', rep2: 'Rob Rep' }

/** By the names of the panels; `null` for one that waits for its answer. */
const OUTCOMES = `Object.fromEntries(Array.from(document.querySelectorAll('[data-panel]'), (panel) => [
  panel.dataset.panel,
  panel.ariaBusy === 'false' ? panel.querySelector('.outcome')?.textContent : null,
]))`

/** The page of the CRM, as a person has it before them. */
export interface CrmPage {
  readonly tab: Page
  /** What the browser objects to: errors of scripts, of its console, and requests to elsewhere. */
  readonly faults: string[]
  signIn(person: Person): Promise<void>
  panel(name: PanelName): ReturnType<Page['locator']>
  /** Waits until every panel has its answer, and says what the cache did for each. */
  outcomes(): Promise<Record<PanelName, string>>
  /** Presses *Again* in every panel that has had a MISS, and waits for their answers. */
  askAgain(): Promise<void>
  /** Resolves once the page says what a write has done; `count`: it is the how manieth. */
  wrote(count: number): Promise<void>
  close(): Promise<void>
}

export async function openCrm(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<CrmPage> {
  const context = await browser.newContext({
    locale: 'en',
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  const tab = await context.newPage()
  const faults = watch(tab, new URL(url).origin)
  await tab.goto(url)
  const panel = (name: PanelName) => tab.locator(`[data-panel=${name}]`)

  const outcomes = async () => {
    let said: Partial<Record<PanelName, string | null>> = {}
    await until('all panels to have their answers', async () => {
      said = await tab.evaluate(OUTCOMES)
      return PANELS.every((name) => said[name] != null)
    })
    return said as Record<PanelName, string>
  }

  return {
    tab,
    faults,
    panel,
    outcomes,
    async signIn(person) {
      await tab.locator('.people button', { hasText: NAMES[person] }).click()
      await tab.locator('.who', { hasText: NAMES[person] }).waitFor()
      await outcomes()
    },
    async askAgain() {
      const before = await outcomes()
      for (const name of PANELS) {
        if (before[name] === 'MISS') await panel(name).locator('.note button').click()
      }
      await outcomes()
    },
    async wrote(count) {
      await tab.locator(`.after[data-round="${count}"]`).waitFor()
      await outcomes()
    },
    close: () => context.close(),
  }
}

function watch(tab: Page, origin: string): string[] {
  const faults: string[] = []
  tab.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text())
  })
  tab.on('pageerror', (error) => faults.push(error.message))
  tab.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`asks ${request.url()}`)
  })
  return faults
}
