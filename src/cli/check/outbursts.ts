import { writeSync } from 'node:fs'

/** What an application throws beside its import, and what it does to the process. */
export interface Outbursts {
  readonly errors: readonly unknown[]
  /** From now on the process may end. */
  end(): void
}

const STANDARD_ERROR = 2

/**
 * Keeps what an application throws from ending the process before anything is told; a port that is in use, say, because
 * the application runs beside this.
 *
 * @param failed - The code with which the process ends where the application ends it.
 */
export function watchOutbursts(path: string, failed: number): Outbursts {
  const errors: unknown[] = []
  const note = (error: unknown) => void errors.push(error)
  const onExit = (code: number) => {
    writeSync(STANDARD_ERROR, `express-cacheable: ${path} ended the process itself, with the code ${code}.\n`)
    writeSync(STANDARD_ERROR, '  Give it what it needs to start, such as its environment variables.\n')
    process.exitCode = failed
  }
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
  process.on('exit', onExit)
  return {
    errors,
    end: () => {
      process.off('exit', onExit)
    },
  }
}
