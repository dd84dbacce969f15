import type { Terminal } from './terminal.js'

/** An option of a command, as `util.parseArgs` and the help read it. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What stands for its value in the help: `<url>`. */
  readonly value?: string
  readonly multiple?: true
  /** One line. */
  readonly help: string
}

export interface Example {
  readonly line: string
  readonly does: string
}

export interface Command {
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** What stands behind the name: `<METHOD> <url> [options]`. */
  readonly usage: string
  readonly positionals: { readonly min: number; readonly max: number }
  readonly options: Readonly<Record<string, CommandOption>>
  /** What a person has to know, in short paragraphs. */
  readonly details: readonly string[]
  readonly examples: readonly Example[]
  /** @returns How the process is to end. @throws CliError, CacheError */
  run(invocation: Invocation): Promise<number>
}

/** A command with what was written behind it. */
export interface Invocation {
  readonly options: OptionValues
  readonly positionals: readonly string[]
  readonly terminal: Terminal
}

/** What was given, by the options' names. */
export class OptionValues {
  readonly #values: ReadonlyMap<string, readonly (string | true)[]>

  constructor(values: ReadonlyMap<string, readonly (string | true)[]>) {
    this.#values = values
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The last one that was given. */
  text(name: string): string | undefined {
    const value = this.#values.get(name)?.at(-1)
    return typeof value === 'string' ? value : undefined
  }

  texts(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).filter((value) => typeof value === 'string')
  }
}
