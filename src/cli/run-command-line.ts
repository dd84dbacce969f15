import { CliError } from './cli-error.js'
import type { Command } from './command.js'
import { EXIT } from './exit-codes.js'
import { printHelp } from './help.js'
import { isMendable, problemOf } from './mendable.js'
import { parseCommandLine } from './parse-command-line.js'
import { printable, printableLines } from './printable.js'
import type { Terminal } from './terminal.js'

const PROGRAM = 'express-cacheable'
const ISSUES = 'https://github.com/express-cacheable/express-cacheable/issues'

/**
 * Does what a command line asks for.
 *
 * @param args - Behind the program's name.
 * @returns How the process is to end; never rejects.
 */
export async function runCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<number> {
  try {
    const request = parseCommandLine(args, commands)
    if (request.kind === 'help') printHelp(terminal, commands, request.command)
    else if (request.kind === 'version') terminal.print(versionOf())
    else return await request.command.run({ ...request, terminal })
    return EXIT.done
  } catch (error) {
    printError(terminal, error)
    return EXIT.failed
  }
}

function printError(terminal: Terminal, error: unknown): void {
  if (error instanceof CliError) printProblem(terminal, `${error.message}.`, error.mend)
  else if (isMendable(error)) printProblem(terminal, problemOf(error), error.mend)
  else {
    terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
    const mend = `Please tell us, with the lines above: ${ISSUES}.`
    printProblem(terminal, 'That is a mistake of express-cacheable itself.', mend)
  }
}

function printProblem(terminal: Terminal, problem: string, mend: string): void {
  terminal.note(`${terminal.styledNote('red', `${PROGRAM}:`)} ${printable(problem)}`)
  terminal.note(`  ${printableLines(mend)}`)
}

function versionOf(): string {
  return require('../../package.json').version
}
