import { parseArgs } from 'node:util'
import { nearest } from '../tools/nearest.js'
import { CliError } from './cli-error.js'
import { type Command, type CommandOption, OptionValues } from './command.js'

/** What a command line asks for. */
export type Request =
  | {
      readonly kind: 'run'
      readonly command: Command
      readonly options: OptionValues
      readonly positionals: readonly string[]
    }
  | { readonly kind: 'help'; readonly command: Command | null }
  | { readonly kind: 'version' }

/** Of every command. */
export const COMMON_OPTIONS: Readonly<Record<string, CommandOption>> = {
  help: { type: 'boolean', short: 'h', help: 'Explain the command' },
  version: { type: 'boolean', short: 'v', help: 'Print the version' },
}

const PROGRAM = 'express-cacheable'

/**
 * Reads a command line.
 *
 * @param args - Behind the program's name.
 * @throws CliError for a command or an option that there is not, and for what is missing or too much.
 */
export function parseCommandLine(args: readonly string[], commands: readonly Command[]): Request {
  // Until the command is known, options of all may stand there: which take a value, tells what is a word.
  const all = tokensOf(args, Object.assign({}, ...commands.map(({ options }) => options)))
  const words = all.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const asks = (name: string) => all.some((token) => token.kind === 'option' && token.name === name)
  const isHelp = words[0] === 'help'
  const name = words[isHelp ? 1 : 0]
  if (name === undefined) {
    if (asks('version')) return { kind: 'version' }
    if (isHelp || asks('help') || args.length === 0) return { kind: 'help', command: null }
    throw new CliError('no command is named', `Commands are ${listOf(commands)}; see ${PROGRAM} --help.`)
  }
  const command = commands.find((each) => each.name === name)
  if (!command) throw unknownCommand(name, commands)
  if (isHelp || asks('help')) return { kind: 'help', command }
  if (asks('version')) return { kind: 'version' }
  return { kind: 'run', command, ...given(tokensOf(args, command.options), command, commands) }
}

type Token = ReturnType<typeof tokensOf>[number]

function tokensOf(args: readonly string[], options: Command['options']) {
  const known = { ...COMMON_OPTIONS, ...options }
  const config = { options: known, strict: false, allowPositionals: true, tokens: true } as const
  return parseArgs({ ...config, args: [...args] }).tokens
}

/** What stands behind the name of a command. @throws CliError */
function given(tokens: readonly Token[], command: Command, commands: readonly Command[]) {
  const values = new Map<string, (string | true)[]>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = { ...COMMON_OPTIONS, ...command.options }[token.name]
    if (!option) throw unknownOption(token.rawName, command, commands)
    values.set(token.name, [...(values.get(token.name) ?? []), valueGiven(option, token, command)])
  }
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const positionals = words.slice(1)
  refuseCount(command, positionals)
  return { options: new OptionValues(values), positionals }
}

interface GivenOption {
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function valueGiven(option: CommandOption, given: GivenOption, { name }: Command): string | true {
  const { rawName, value, inlineValue } = given
  if (option.type === 'boolean') {
    if (value === undefined) return true
    throw new CliError(
      `${rawName} takes no value, and '${value}' stands behind it`,
      `Write ${rawName} alone.`,
    )
  }
  const isMissing = value === undefined || value === '' || (!inlineValue && /^-./.test(value))
  if (!isMissing) return value
  throw new CliError(
    `${rawName} wants a value`,
    `Write ${rawName} ${option.value}, or ${rawName}=${option.value} for one that begins with a dash; see ${PROGRAM} ${name} --help.`,
  )
}

function refuseCount(command: Command, positionals: readonly string[]): void {
  const { min, max } = command.positionals
  const usage = `Write ${PROGRAM} ${command.name} ${command.usage}.`
  if (positionals.length < min) {
    throw new CliError(`${command.name} wants more than that`, usage)
  }
  const [extra] = positionals.slice(max)
  if (extra === undefined) return
  const mend = `${usage} Put a pattern in quotes, or the shell makes file names of it.`
  throw new CliError(`${command.name} has no use for '${extra}'`, max > 0 ? mend : usage)
}

function unknownCommand(name: string, commands: readonly Command[]): CliError {
  const meant = nearest(
    name,
    commands.map((each) => each.name),
  )
  return new CliError(
    `there is no command '${name}'`,
    meant
      ? `Did you mean '${meant}'? All are in ${PROGRAM} --help.`
      : `Commands are ${listOf(commands)}; see ${PROGRAM} --help.`,
  )
}

function unknownOption(rawName: string, command: Command, commands: readonly Command[]): CliError {
  const known = Object.entries({ ...COMMON_OPTIONS, ...command.options })
  const names = known.map(([name]) => name)
  const name = rawName.replace(/^-+/, '')
  const meant = rawName.startsWith('--') ? nearest(name, names) : undefined
  const others = commands.filter(({ options }) => name in options).map((other) => other.name)
  const rest = `Its options are in ${PROGRAM} ${command.name} --help.`
  const hint = meant
    ? `Did you mean --${meant}? `
    : others.length > 0
      ? `${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} it. `
      : ''
  return new CliError(`${command.name} has no option ${rawName}`, `${hint}${rest}`)
}

function listOf(commands: readonly Command[]): string {
  return commands.map(({ name }) => name).join(', ')
}
