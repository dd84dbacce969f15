import type { Browser } from 'playwright-core'
import { startBrowser } from './browser.js'
import { installThroughApt } from './commands.js'
import { pendingOutsideCi } from './pending-outside-ci.js'

const HOW_TO_GET_ONE =
  'Chromium was not found: sudo apt-get install chromium, or CHROMIUM=/path/to/it npm test'

/**
 * A browser without a window, which the caller closes: one that this machine has, or that is installed through apt as root.
 * Where there is none, the suite is pending, or under `CI=true` it fails.
 */
export async function chromiumForTests(context: Mocha.Context): Promise<Browser> {
  // Installing one may take minutes; progress is printed meanwhile.
  context.timeout(0)
  const browser = (await startBrowser()) ?? (await install())
  return browser ?? pendingOutsideCi(context, HOW_TO_GET_ONE)
}

async function install(): Promise<Browser | undefined> {
  return (await installThroughApt('Chromium was not found', 'chromium')) ? startBrowser() : undefined
}
