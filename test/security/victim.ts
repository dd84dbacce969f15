import { fileURLToPath } from 'node:url'
import { type Answer, answerOf } from '../support/answer-of.js'
import { startProcess } from '../support/child-process.js'
import { until } from '../support/until.js'
import type { Mistake } from './victim-process.js'

const APP = fileURLToPath(new URL('victim-process.js', import.meta.url))
/** No single turn of the event loop may be longer. */
const LONGEST_TURN_MS = 1_000

export interface Victim {
  ask(path: string, init?: RequestInit): Promise<Answer>
  /** Whether it still answers, and at once; what it printed if not. */
  health(): Promise<'well' | string>
  stop(): Promise<void>
}

/** Starts an application that may not end, whatever is done to it. */
export async function startVictim(options: {
  readonly options?: object
  readonly front?: boolean
  readonly mistake?: Mistake
}): Promise<Victim> {
  const child = await startProcess(process.execPath, [
    APP,
    JSON.stringify({ options: {}, front: false, ...options }),
  ])
  await until('an application to listen', () => {
    if (child.exitCode() !== undefined) throw new Error(child.output())
    return /^\d+\n/m.test(child.output())
  })
  const url = `http://127.0.0.1:${/^(\d+)\n/m.exec(child.output())?.[1]}`
  const ask = (path: string, init?: RequestInit) =>
    answerOf(url + path, { ...init, signal: AbortSignal.timeout(15_000) })
  return {
    ask,
    async health() {
      const askedAt = performance.now()
      try {
        const { status } = await ask('/alive')
        const tookMs = Math.round(performance.now() - askedAt)
        if (status !== 200) return `status ${status}`
        return tookMs > LONGEST_TURN_MS ? `${tookMs} ms without an answer` : 'well'
      } catch (error) {
        return `${error} ${child.output().slice(-400)}`
      }
    },
    stop: child.stop,
  }
}
