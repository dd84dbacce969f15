import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** A process started by a test, which cannot outlive the test run. */
export interface TestProcess {
  readonly pid: number
  /** Everything it has printed so far: standard output, then standard error. */
  output(): string
  /** The exit code, or undefined while it runs. */
  exitCode(): number | undefined
  /** Asks it to end (SIGTERM, and SIGKILL three seconds later) and waits until it has. */
  stop(): Promise<void>
}

interface StartOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** A folder that goes when the process has ended, also where the test run was killed. */
  readonly removes?: string
}

/**
 * The shell holds our end of its standard input as a lifeline: however the test run ends (normally, by
 * Ctrl-C, by `kill -9`), the system closes the pipe, `read` returns, and the child is ended. SIGCONT comes
 * first because a frozen process receives nothing else.
 */
const LIFELINE = `
exec 3<&0
sh -c 'echo $$; exec "$@"' sh "$@" 3<&- &
child=$!
( read -r _ <&3; kill -CONT $child; kill -TERM $child; sleep 3; kill -KILL $child ) >/dev/null 2>&1 &
watcher=$!
wait $child
code=$?
kill $watcher 2>/dev/null
[ -z "$REMOVES" ] || rm -rf "$REMOVES"
exit $code`

/** Starts `command` with a lifeline to this process, and resolves once its process id is known. */
export async function startProcess(
  command: string,
  args: readonly string[],
  { cwd, env = process.env, removes = '' }: StartOptions = {},
): Promise<TestProcess> {
  const shell = spawn('sh', ['-c', LIFELINE, 'sh', command, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C is for us: we may need the process for what is left to do, and the lifeline ends it with us.
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env, REMOVES: removes },
  })
  // Writing nothing, we see EPIPE only as an event when the shell is gone first; that is no failure.
  shell.stdin.on('error', () => {})
  const stdout = collect(shell.stdout)
  const stderr = collect(shell.stderr)
  const exited = once(shell, 'exit')

  while (!stdout.text.includes('\n')) {
    if (shell.exitCode !== null) throw new Error(`${command} did not start: ${stderr.text}`)
    await Promise.race([once(shell.stdout, 'data'), exited])
  }
  const firstLineEnd = stdout.text.indexOf('\n')
  // A process that nobody stopped must not keep the run from ending: the lifeline is what ends it.
  shell.unref()
  for (const stream of shell.stdio) (stream as Socket | null)?.unref()

  return {
    pid: Number(stdout.text.slice(0, firstLineEnd)),
    output: () => stdout.text.slice(firstLineEnd + 1) + stderr.text,
    exitCode: () => shell.exitCode ?? undefined,
    async stop() {
      shell.ref()
      shell.stdin.end()
      await exited
    },
  }
}

function collect(stream: Readable): { readonly text: string } {
  const collected = { text: '' }
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    collected.text += chunk
  })
  return collected
}
