import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Question, Reply } from './reader-process.js'

const WRITER = new URL('./writer-process.js', import.meta.url)
const READER = new URL('./reader-process.js', import.meta.url)

type Asked = Question extends infer Each ? (Each extends Question ? Omit<Each, 'nth'> : never) : never

/** A process of the check, which ends with it. */
class Child {
  protected readonly process: ChildProcess
  readonly #exited: Promise<unknown>

  protected constructor(module: URL, args: readonly string[]) {
    this.process = fork(module, args)
    this.#exited = once(this.process, 'exit')
  }

  protected async isReady(): Promise<void> {
    await Promise.race([once(this.process, 'message'), this.#exited])
    if (this.process.exitCode !== null) throw new Error('a process of the check has ended by itself')
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.#exited
  }
}

export class Writer extends Child {
  /** Whether it has said that what it wrote is evicted. */
  hasEvicted = false

  static async start(args: readonly string[]): Promise<Writer> {
    const writer = new Writer(WRITER, args)
    await writer.isReady()
    return writer
  }

  /** Resolves once it says so, which it may not live to do. */
  async write(id: number, version: number): Promise<void> {
    this.process.send({ id, version })
    await once(this.process, 'message')
    this.hasEvicted = true
  }
}

export class Reader extends Child {
  readonly #asked = new Map<number, (answer: Reply['answer']) => void>()
  #count = 0

  static async start(args: readonly string[]): Promise<Reader> {
    const reader = new Reader(READER, args)
    await reader.isReady()
    reader.process.on('message', ({ nth, answer }: Reply) => {
      reader.#asked.get(nth)?.(answer)
      reader.#asked.delete(nth)
    })
    return reader
  }

  async read(id: number): Promise<readonly [version: number, isHit: boolean]> {
    return (await this.#ask({ kind: 'read', id })) as readonly [number, boolean]
  }

  /** Waits until all that has been committed by now is evicted. @returns Whether it is, within a minute. */
  async wait(): Promise<boolean> {
    return (await this.#ask({ kind: 'wait' })) === true
  }

  async isFollowing(): Promise<boolean> {
    return (await this.#ask({ kind: 'role' })) === 'following'
  }

  #ask(question: Asked): Promise<Reply['answer']> {
    const nth = this.#count
    this.#count += 1
    return new Promise((resolve) => {
      this.#asked.set(nth, resolve)
      this.process.send({ ...question, nth })
    })
  }
}
