import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { COMMANDS } from '#src/cli/commands.js'
import { runCommandLine } from '#src/cli/run-command-line.js'
import { Terminal } from '#src/cli/terminal.js'
import { PROJECT_ROOT } from './project-root.js'

export const CLI = join(PROJECT_ROOT, 'dist/cli/main.js')

/** One that goes on after a test would keep the run from ending. */
const ENDS_WITHIN_MS = 50_000

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliSettings {
  readonly env?: Readonly<Record<string, string>>
  /** Ends reading after so many characters of standard output, as `head` does. */
  readonly readsAtMost?: number
  /** Typed once the output has what it waits for. */
  readonly types?: { readonly after: string; readonly text: string }
  /** A terminal instead of pipes, of `script`. */
  readonly onTerminal?: boolean
}

/** Runs the command line as it was built, with no variables of ours that it reads. */
export async function runCli(args: readonly string[], settings: CliSettings = {}): Promise<CliResult> {
  const { NO_COLOR, REDIS_URL, ...env } = process.env
  const words = [process.execPath, CLI, ...args]
  const [command = '', ...rest] = settings.onTerminal
    ? ['script', '-qec', words.map((word) => `'${word}'`).join(' '), '/dev/null']
    : words
  const child = spawn(command, rest, {
    cwd: PROJECT_ROOT,
    env: { ...env, TERM: 'xterm', ...settings.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  let isTyped = false
  child.stdin.on('error', () => {})
  if (!settings.onTerminal) child.stdin.end()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text
    if (said.stdout.length >= (settings.readsAtMost ?? Number.POSITIVE_INFINITY)) child.stdout.destroy()
    const { types } = settings
    if (types && !isTyped && said.stdout.includes(types.after)) {
      isTyped = true
      child.stdin.write(types.text)
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text
  })
  const tooLong = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(tooLong)
  return { code, ...said }
}

/** The same within this process, whose start takes longer than most commands: not for `check`, which takes a process over. */
export async function callCli(args: readonly string[]): Promise<CliResult> {
  const said = { stdout: '', stderr: '' }
  const collecting = (name: keyof typeof said) =>
    new Writable({
      decodeStrings: false,
      write(chunk: string | Buffer, _encoding, done) {
        said[name] += String(chunk)
        done()
      },
    })
  const streams = { input: Readable.from([]), output: collecting('stdout'), errors: collecting('stderr') }
  const terminal = new Terminal(streams)
  const code = await runCommandLine(args, COMMANDS, terminal)
  await terminal.end()
  return { code, ...said }
}
