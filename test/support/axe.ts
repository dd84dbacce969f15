import axe from 'axe-core'
import type { Page } from 'playwright-core'

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly target: readonly string[] }[]
}

/** What axe-core finds in a page that is serious or worse, a line each. */
export async function seriousViolations(tab: Page): Promise<string[]> {
  // By the debugger: the policy of the page keeps its own scripts from loading others, and is left as it is.
  await tab.evaluate(axe.source)
  const { violations } = (await tab.evaluate('axe.run()')) as { violations: readonly Violation[] }
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}
