import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
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
  // What coverage would cost is not paid: it is the race that is of interest here.
  const child = fork(APP_PROCESS, { env: { ...process.env, NODE_V8_COVERAGE: '' }, detached: true })
  const exited = once(child, 'exit')
  let isEnding = false
  const listening = new Promise<string>((resolve, reject) => {
    child.on('message', (message: AppMessage) => {
      if (message.kind === 'listening') resolve(message.url)
      else hearWaits(message.waits)
    })
    child.once('exit', (code, signal) => {
      if (isEnding) return
      const error = new Error(`application ${child.pid} has ended by itself (${code ?? signal})`)
      reject(error)
      onCrash(error)
    })
  })
  child.send(options, () => {})
  const kill = async (): Promise<void> => {
    isEnding = true
    child.kill('SIGKILL')
    await exited
  }
  return {
    url: await listening,
    kill,
    async stop() {
      isEnding = true
      if (child.connected) child.send('stop', () => {})
      const cutOff = new AbortController()
      const overdue = setTimeout(STOP_WITHIN_MS, 'overdue', cutOff)
      if ((await Promise.race([exited, overdue])) === 'overdue') {
        await kill()
        onCrash(new Error(`application ${child.pid} did not come to an end`))
      }
      cutOff.abort()
    },
  }
}
