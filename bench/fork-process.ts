import { fork, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { CommandError } from '#demo/command-error.js'
import { atEnd } from './run-bench.js'

/** A process of the bench's own, which ends with it: it has to, once the channel closes. */
export interface ForkedProcess {
  readonly pid: number
  /** What it says next. */
  hear<Message>(): Promise<Message>
  /** Its answer to a question; without one, to the only thing that it is asked. */
  ask<Reply>(question?: Serializable): Promise<Reply>
  /** Ends it before the bench does. */
  stop(): Promise<void>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

export interface ForkOptions {
  /** For people: who has ended, should it end early. */
  readonly what: string
  readonly args: readonly string[]
  /** Options of Node and of V8. */
  readonly execArgv?: readonly string[]
}

export function forkProcess(module: URL, { what, args, execArgv }: ForkOptions): ForkedProcess {
  const child = fork(module, args, {
    env: { ...process.env, NODE_ENV: 'production' },
    ...(execArgv ? { execArgv: [...execArgv] } : {}),
  })
  const exited = once(child, 'exit')
  const stop = async () => {
    if (child.connected) child.disconnect()
    await exited
  }
  atEnd(stop)
  const ended = exited.then(() => {
    throw new CommandError(`${what} has ended.`)
  })
  // Where nobody waits for it, requests that fail say it.
  ended.catch(() => {})

  const hear = async <Message>(): Promise<Message> => {
    const [message] = await Promise.race([once(child, 'message'), ended])
    return message as Message
  }
  return {
    pid: child.pid as number,
    hear,
    ask<Reply>(question: Serializable = '') {
      // Should the process be gone, `ended` says so better than the channel.
      child.send(question, () => {})
      return hear<Reply>()
    },
    stop,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
