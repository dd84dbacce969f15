import { deferred } from '#src/tools/deferred.js'
import { ForkedProcess } from '../forked-process.js'
import type { AppMessage, AppOptions } from './app-messages.js'

const APP_PROCESS = new URL('./app-process.js', import.meta.url)
const STOP_WITHIN_MS = 20_000

/** An application in a process of its own. */
export interface ForkedApp {
  readonly url: string
  /** Resolves once it is gone. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts an application, and waits until it listens.
 *
 * @param onCrash - Hears of an end that nobody asked for.
 */
export async function forkApp(
  options: AppOptions,
  hearWaits: (waits: readonly number[]) => void,
  onCrash: (error: Error) => void,
): Promise<ForkedApp> {
  const listening = deferred<string>()
  const forked = new ForkedProcess(APP_PROCESS, {
    ...{ what: 'application', stopWithinMs: STOP_WITHIN_MS },
    onCrash(error) {
      listening.reject(error)
      onCrash(error)
    },
  })
  forked.child.on('message', (message: AppMessage) => {
    if (message.kind === 'listening') listening.resolve(message.url)
    else hearWaits(message.waits)
  })
  forked.send(options)
  return { url: await listening.promise, kill: forked.kill, stop: forked.stop }
}
