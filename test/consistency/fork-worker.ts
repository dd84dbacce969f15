import { ForkedProcess } from './forked-process.js'
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
  const forked = new ForkedProcess(WORKER_PROCESS, { what: 'worker', stopWithinMs: STOP_WITHIN_MS, onCrash })
  let onBack = (_isBack: boolean): void => {}
  forked.child.on('message', (message: WorkerMessage) => {
    if (message.kind === 'back') onBack(true)
    else tell(message)
  })
  const order = (what: WorkerOrder): void => forked.send(what)
  forked.send(options)
  return {
    predecessors: options.predecessors,
    kill: forked.kill,
    stop: forked.stop,
    sever: () => order('sever'),
    mend() {
      const back = new Promise<boolean>((resolve) => {
        onBack = resolve
      })
      order('mend')
      return Promise.race([back, forked.exited.then(() => false)])
    },
  }
}
