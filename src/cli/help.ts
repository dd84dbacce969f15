import { type Command, type CommandOption, type Example } from './command.js'
import { COMMON_OPTIONS } from './parse-command-line.js'
import { tableLines } from './table.js'
import type { Terminal } from './terminal.js'
import { wrapped } from './wrapped.js'

const PROGRAM = 'express-cacheable'
const REFERENCE = 'https://github.com/express-cacheable/express-cacheable/blob/main/docs/reference/cli.md'
const INDENT = '  '

const EXAMPLES: readonly Example[] = [
  { line: 'check ./app.js', does: 'what is wrong with the rules, before it runs' },
  { line: "keys 'customers:*' --redis redis://localhost:6379", does: 'what is cached' },
  { line: 'explain GET /customers/42', does: 'why a request hits or misses' },
  { line: "evict 'customers:list:*' --dry-run", does: 'what would go' },
]

/** Explains one command, or the whole. */
export function printHelp(terminal: Terminal, commands: readonly Command[], command: Command | null): void {
  if (command) printCommand(terminal, command)
  else printProgram(terminal, commands)
}

function printProgram(terminal: Terminal, commands: readonly Command[]): void {
  terminal.print(`Look into a cache of express-cacheable: what it holds, what it does, and why.`)
  section(terminal, 'Usage', [`${PROGRAM} <command> [options]`])
  section(terminal, 'Commands', inColumns(commands.map(({ name, summary }) => [name, summary])))
  section(terminal, 'Options', [
    ...inColumns(
      Object.entries(COMMON_OPTIONS).map(([name, option]) => [flagsOf(name, option), option.help]),
    ),
  ])
  section(terminal, 'Examples', examplesOf(EXAMPLES))
  section(terminal, 'Environment', [
    ...inColumns([
      ['REDIS_URL', 'the Redis to look into, where --redis does not say'],
      ['NO_COLOR', 'no colours, also on a terminal'],
    ]),
  ])
  terminal.print()
  terminal.print(`${PROGRAM} <command> --help explains a command. More: ${REFERENCE}`)
}

function printCommand(terminal: Terminal, command: Command): void {
  terminal.print(`${command.summary}.`)
  section(terminal, 'Usage', [`${PROGRAM} ${command.name} ${command.usage}`])
  for (const paragraph of command.details) {
    terminal.print()
    for (const line of wrapped(paragraph, 78)) terminal.print(line)
  }
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS })
  section(
    terminal,
    'Options',
    inColumns(options.map(([name, option]) => [flagsOf(name, option), option.help])),
  )
  section(terminal, 'Examples', examplesOf(command.examples))
}

function section(terminal: Terminal, title: string, lines: readonly string[]): void {
  terminal.print()
  terminal.print(terminal.styled('bold', title))
  for (const line of lines) terminal.print(`${INDENT}${line}`)
}

function flagsOf(name: string, { short, value }: CommandOption): string {
  return `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`
}

function examplesOf(examples: readonly Example[]): string[] {
  return inColumns(examples.map(({ line, does }) => [`npx ${PROGRAM} ${line}`, `# ${does}`]))
}

function inColumns(rows: readonly (readonly string[])[]): string[] {
  return tableLines([{ title: '' }, { title: '' }], rows).slice(1)
}
