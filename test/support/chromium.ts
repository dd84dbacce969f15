import { type Browser, chromium } from 'playwright-core'
import { installThroughApt, onPath } from './commands.js'
import { pendingOutsideCi } from './pending-outside-ci.js'

const HOW_TO_GET_ONE =
  'Chromium was not found: sudo apt-get install chromium, or CHROMIUM=/path/to/it npm test'

/**
 * A browser without a window, which the caller closes: that of `CHROMIUM`, `chromium` on the PATH, or the same installed
 * through apt as root. Where there is none, the suite is pending, or under `CI=true` it fails.
 */
export async function chromiumForTests(context: Mocha.Context): Promise<Browser> {
  // Installing one may take minutes; progress is printed meanwhile.
  context.timeout(0)
  const executablePath = process.env.CHROMIUM ?? (await onPath('chromium')) ?? (await install())
  if (executablePath === undefined) return pendingOutsideCi(context, HOW_TO_GET_ONE)
  // As root, which a container mostly is, it has no sandbox. It shows our own pages alone.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

async function install(): Promise<string | undefined> {
  return (await installThroughApt('Chromium was not found', 'chromium')) ? onPath('chromium') : undefined
}
