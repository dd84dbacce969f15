import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { Tab } from './browser.js'
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
  /** What the browser has said, and who could not use it. */
  readonly look: Tab
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
  const look = await Tab.open(browser, url, { locale: 'en', ...options })
  const tab = look.page
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
    look,
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
    close: () => look.close(),
  }
}
