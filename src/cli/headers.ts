import { CliError } from './cli-error.js'

/** Headers of a request by their names in lower case. @throws CliError */
export function headersOf(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map(headerOf))
}

/** @throws CliError */
function headerOf(line: string): [string, string] {
  const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):\s*(.*)$/.exec(line) ?? []
  if (name !== undefined && value !== undefined) return [name.toLowerCase(), value]
  throw new CliError(`'${line}' is no header`, "Write --header 'accept-language: de'.")
}
