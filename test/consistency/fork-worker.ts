import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Worker, WorkerMessage, WorkerOptions } from './worker.js'

const WORKER_PROCESS = new URL('./worker-process.js', import.meta.url)
const STOP_WITHIN_MS = 10_000

/** A worker that can be taken away in the middle of whatever it does. */
export interface ForkedWorker extends Worker {
  /** Resolves once it is gone. */
  kill(): Promise<void>
}

/**
 * Starts a worker in a process of its own.
 *
 * @param onCrash - Hears of an end that nobody asked for.
 */
export function forkWorker(
  options: WorkerOptions,
  tell: (message: WorkerMessage) => void,
  onCrash: (error: Error) => void,
): ForkedWorker {
  const child = fork(WORKER_PROCESS, {
    // What coverage would cost is not paid: it is the race that is of interest here.
    env: { ...process.env, NODE_V8_COVERAGE: '' },
    // A Ctrl-C is for the race, which then stops its workers.
    detached: true,
  })
  const exited = once(child, 'exit')
  let isEnding = false
  child.on('message', tell)
  child.once('exit', (code, signal) => {
    if (!isEnding) onCrash(new Error(`worker ${child.pid} has ended by itself (${code ?? signal})`))
  })
  // Should the process be gone, its exit says so better than the channel.
  child.send(options, () => {})

  const kill = async (): Promise<void> => {
    isEnding = true
    child.kill('SIGKILL')
    await exited
  }
  return {
    kill,
    async stop() {
      isEnding = true
      if (child.connected) child.send('stop', () => {})
      const cutOff = new AbortController()
      const overdue = setTimeout(STOP_WITHIN_MS, 'overdue', cutOff)
      if ((await Promise.race([exited, overdue])) === 'overdue') {
        await kill()
        onCrash(new Error(`worker ${child.pid} did not come to an end`))
      }
      cutOff.abort()
    },
  }
}
