import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '#demo/command-error.js'

const INTERRUPT_HEARD_MS = 100

const closers: (() => Promise<unknown>)[] = []
let isInterrupted = false

/** Ends the process once `main` has measured: with 0, with 1 if it failed, with 130 on a Ctrl-C. */
export async function runBench(main: () => Promise<void>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt)
  try {
    await main()
    await end(0)
  } catch (error) {
    // A Ctrl-C reaches what the bench has started too: what then fails, was stopped on purpose.
    await sleep(INTERRUPT_HEARD_MS)
    if (isInterrupted) return
    console.error(error instanceof CommandError ? error.message : error)
    await end(1)
  }
}

/** However the bench ends, this is done first; what was named last, before the others. */
export function atEnd(close: () => Promise<unknown>): void {
  closers.push(close)
}

async function interrupt(): Promise<void> {
  isInterrupted = true
  console.log('\nStopping …')
  await end(130)
}

async function end(exitCode: number): Promise<never> {
  for (const close of closers.splice(0).reverse()) await close()
  process.exit(exitCode)
}
