import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { inFolders, onPath } from './commands.js'

/** Starts Debian's Chromium, or the one that `CHROMIUM` names. @returns Nothing where there is none. */
export async function startBrowser(): Promise<Browser | undefined> {
  const executablePath =
    process.env.CHROMIUM ??
    (await onPath('chromium')) ??
    (await inFolders(['/usr/bin', '/snap/bin'], 'chromium-browser'))
  if (executablePath === undefined) return undefined
  // As root, which a container mostly is, it has no sandbox. It shows our own pages alone.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}

/** A tab, and what it said by itself while it was looked at. */
export class Tab {
  readonly complaints: string[] = []

  private constructor(readonly page: Page) {}

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const tab = new Tab(await context.newPage())
    tab.#listen(new URL(url).origin)
    await tab.page.goto(url)
    return tab
  }

  /** Goes to another page of the dashboard, without loading it anew. */
  async goTo(hash: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  }

  /** What a blind, a colour-blind or a keyboard user would trip over. Scripts are text, as this project's types know no browser. */
  async faultsForPeople(): Promise<readonly string[]> {
    if (await this.page.evaluate<boolean>('globalThis.axe === undefined'))
      await this.page.evaluate(axe.source)
    const { violations } = await this.page.evaluate<AxeResults>(`axe.run({ resultTypes: ['violations'] })`)
    return violations.map(
      ({ impact, id, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`,
    )
  }

  /** How much wider than its window the page is. */
  excessWidth(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
  }

  close(): Promise<void> {
    return this.page.context().close()
  }

  #listen(origin: string): void {
    this.page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(`console: ${message.text()}`)
    })
    this.page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`))
    this.page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && url.origin !== origin) this.complaints.push(`asks ${url.origin}`)
    })
  }
}

interface AxeResults {
  readonly violations: readonly {
    readonly impact: string
    readonly id: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}
