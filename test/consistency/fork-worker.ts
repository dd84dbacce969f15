import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Worker, WorkerMessage, WorkerOptions, WorkerOrder } from './worker.js'

const WORKER_PROCESS = new URL('./worker-process.js', import.meta.url)
const STOP_WITHIN_MS = 10_000

/** A worker that can be taken away in the middle of whatever it does. */
export interface ForkedWorker extends Pick<Worker, 'stop'> {
  /** How many processes there were before it. */
  readonly predecessors: number
  /** As of `Worker`, without waiting for it. */
  sever(): void
  /** Gives its way to Redis back. @returns Whether it is in touch again; if not, it has died. */
  mend(): Promise<boolean>
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
  let onBack = (_isBack: boolean): void => {}
  child.on('message', (message: WorkerMessage) => {
    if (message.kind === 'back') onBack(true)
    else tell(message)
  })
  const order = (what: WorkerOrder): void => {
    if (child.connected) child.send(what, () => {})
  }
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
    predecessors: options.predecessors,
    kill,
    sever: () => order('sever'),
    mend() {
      const back = new Promise<boolean>((resolve) => {
        onBack = resolve
      })
      order('mend')
      return Promise.race([back, exited.then(() => false)])
    },
    async stop() {
      isEnding = true
      order('stop')
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
