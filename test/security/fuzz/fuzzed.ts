import { fileURLToPath } from 'node:url'
import { startProcess } from '../../support/child-process.js'
import { until } from '../../support/until.js'
import type { LongestTurn } from './longest-turn.js'

const APP = fileURLToPath(new URL('fuzzed-process.js', import.meta.url))

export interface FuzzedApp {
  readonly url: string
  /** Its longest turn. @throws Error that says why it ended, if it has. */
  longestTurn(): Promise<LongestTurn>
  stop(): Promise<void>
}

/** Starts an application to be fuzzed. */
export async function startFuzzed(
  kind: 'plain' | 'express' | 'front',
  options: object = {},
): Promise<FuzzedApp> {
  const child = await startProcess(process.execPath, [APP, JSON.stringify({ kind, options })])
  await until('an application to listen', () => {
    if (child.exitCode() !== undefined) throw new Error(child.output())
    return /^\d+\n/m.test(child.output())
  })
  const url = `http://127.0.0.1:${/^(\d+)\n/m.exec(child.output())?.[1]}`
  return {
    url,
    async longestTurn() {
      if (child.exitCode() !== undefined) throw new Error(`it ended: ${child.output().slice(-600)}`)
      const response = await fetch(`${url}/turns`, { signal: AbortSignal.timeout(10_000) })
      return (await response.json()) as LongestTurn
    },
    stop: child.stop,
  }
}
