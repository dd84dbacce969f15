import { fork } from 'node:child_process'
import { once } from 'node:events'
import { CommandError } from '#demo/command-error.js'
import type { Counts, StartedMessage, StartMessage } from './messages.js'

const DEMO_PROCESS = new URL('./demo-process.js', import.meta.url)
const STOP_TIMEOUT_MS = 6_000

/** A process that is to become a demo. */
export interface DemoProcess {
  readonly demo: Promise<Demo>
  /** Resolves once the process is gone. */
  stop(): Promise<void>
}

/** A demo that listens in a process of its own. */
export interface Demo extends StartedMessage {
  readonly name: string
  counts(): Promise<Counts>
}

export function forkDemo(name: string, message: StartMessage): DemoProcess {
  const child = fork(DEMO_PROCESS, { env: { ...process.env, NODE_ENV: 'production' } })
  const exited = once(child, 'exit')

  const ask = async <Reply>(question: object): Promise<Reply> => {
    const ended = exited.then(() => {
      throw new CommandError(`The demo (${name}) has ended.`)
    })
    // Should the process be gone, `ended` says so better than the channel.
    child.send(question, () => {})
    const [reply] = await Promise.race([once(child, 'message'), ended])
    return reply as Reply
  }

  let hasStarted = false
  const start = async (): Promise<Demo> => {
    const started = await ask<StartedMessage>(message)
    hasStarted = true
    return { name, ...started, counts: () => ask<Counts>({}) }
  }

  return {
    demo: start(),
    async stop() {
      if (child.connected) child.disconnect()
      // While an embedded database starts, it hears nothing for seconds; and there is nothing to clear away yet.
      const cutOff = setTimeout(() => child.kill('SIGKILL'), hasStarted ? STOP_TIMEOUT_MS : 0)
      await exited
      clearTimeout(cutOff)
    },
  }
}
