import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
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
