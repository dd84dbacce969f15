#!/usr/bin/env node
import { COMMANDS } from './commands.js'
import { EXIT } from './exit-codes.js'
import { runCommandLine } from './run-command-line.js'
import { Terminal } from './terminal.js'

/** For what a command has to put back, such as a connection, when it is interrupted. */
const END_WITHIN_MS = 1_000

const terminal = new Terminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
/** A command may wait for what keeps no process alive. */
const alive = setInterval(() => {}, 60_000)
let isLeaving = false

for (const stream of [process.stdout, process.stderr]) stream.on('error', closedPipe)
process.on('SIGINT', () => void leave(EXIT.interrupted))
process.on('SIGTERM', () => void leave(EXIT.terminated))
void runCommandLine(process.argv.slice(2), COMMANDS, terminal).then(leave)

/** Whoever reads has seen enough, as `head` has: no trouble of ours. */
function closedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') void leave(EXIT.done)
  else throw error
}

/** Ends by itself: an application that `check` has imported would go on. */
async function leave(code: number): Promise<void> {
  if (isLeaving) return
  isLeaving = true
  clearInterval(alive)
  setTimeout(() => process.exit(code), END_WITHIN_MS).unref()
  await terminal.end()
  process.exit(code)
}
