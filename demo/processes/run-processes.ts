import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Command, createConcurrently, Logger, LogOutput } from 'concurrently'
import type { ProcessToRun } from './processes-config.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

/** More than a process takes that lets its requests end, and its bus, cache and database close. */
const STOP_TIMEOUT_MS = 10_000

/** Processes that have been started. */
export interface RunningProcesses {
  /** Resolves once one has ended that was not told to, and says which. */
  readonly broken: Promise<string>
  /** Asks all to end, kills those that have not after ten seconds, and resolves once none is left. */
  stop(): Promise<void>
}

/** Starts the processes, with the name of each before its lines. None is started again. */
export function runProcesses(processes: readonly ProcessToRun[]): RunningProcesses {
  const logger = new Logger({ prefixFormat: 'name' })
  logger.setPrefixLength(Math.max(...processes.map(({ name }) => name.length)))
  let isStopping = false
  const { commands, result } = createConcurrently(
    // Through the channel a process learns that we are gone, however that came about.
    processes.map(({ name, env }) => ({ name, command: MAIN, env, ipc: 3 })),
    {
      logger,
      outputStream: process.stdout,
      prefixColors: 'auto',
      controllers: [new LogOutput({ logger })],
      // In a group of its own: a Ctrl-C is for us, and reaches the processes once.
      spawn: (main, options) =>
        spawn(process.execPath, ['--enable-source-maps', main], { ...options, detached: true }),
      kill: (pid, signal) => process.kill(pid, signal),
    },
  )
  const ended = result.then(
    () => {},
    () => {},
  )

  return {
    broken: new Promise((resolve) => {
      for (const command of commands) {
        command.close.subscribe(({ exitCode }) => {
          if (!isStopping) resolve(`The ${command.name} process has ended (${exitCode})`)
        })
      }
    }),

    async stop() {
      isStopping = true
      end(commands, 'SIGTERM')
      const killer = setTimeout(() => end(commands, 'SIGKILL'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(killer)
    },
  }
}

function end(commands: readonly Command[], signal: NodeJS.Signals): void {
  for (const command of commands) {
    if (command.state === 'started') command.kill(signal)
  }
}
