import { errorReplyIn } from '../../clients/error-reply.js'
import { LATE, withinDeadline } from '../../tools/within-deadline.js'
import { type Gathering, MOST_ANSWER_BYTES, MOST_REPORT_BYTES, type OpenQuestion } from '../gathering.js'
import type { Command } from './command-executor.js'
import { answer, ask, look, readSaid, report } from './gathering-scripts.js'
import type { RedisConnection } from './redis-connection.js'
import { unavailable } from './redis-errors.js'

/** Reports may be large. Whoever waits for them serves no request. */
const WITHIN_MS = 2_000

/** Under which names lies what processes say. */
export interface GatheringNames {
  readonly members: string
  readonly watch: string
  readonly questions: string
  report(process: string): string
  answer(process: string, questionId: string): string
}

export interface RedisGatheringOptions {
  readonly connection: Pick<RedisConnection, 'execute' | 'post' | 'refusalOf' | 'id'>
  readonly names: GatheringNames
}

/** As of `Gathering`, in one Redis or in one slot of a cluster. */
export class RedisGathering implements Gathering {
  readonly #options: RedisGatheringOptions

  constructor(options: RedisGatheringOptions) {
    this.#options = options
  }

  async look(): Promise<readonly string[]> {
    const { connection, names } = this.#options
    const processes = await this.#send((client) =>
      look(client, { watch: names.watch, members: names.members }, undefined),
    )
    return processes.filter((process) => process !== connection.id)
  }

  reportOf(process: string): Promise<string | null> {
    return this.#said(this.#options.names.report(process), MOST_REPORT_BYTES)
  }

  report(text: string): Promise<readonly OpenQuestion[]> {
    const { connection, names } = this.#options
    const said = { report: names.report(connection.id), questions: names.questions }
    return this.#send((client) => report(client, said, { text }))
  }

  ask(question: OpenQuestion): Promise<boolean> {
    return this.#send((client) => ask(client, { questions: this.#options.names.questions }, question))
  }

  answer(questionId: string, text: string): Promise<void> {
    const { connection, names } = this.#options
    const said = { answer: names.answer(connection.id, questionId) }
    return this.#send((client) => answer(client, said, { text }))
  }

  answerOf(process: string, questionId: string): Promise<string | null> {
    return this.#said(this.#options.names.answer(process, questionId), MOST_ANSWER_BYTES)
  }

  async #said(said: string, mostBytes: number): Promise<string | null> {
    const bytes = await this.#send((client) => readSaid(client, { said }, { mostBytes }))
    return bytes?.toString() ?? null
  }

  /** Past the deadline of requests: what is late for them says that touch is lost, and a report may be late. */
  async #send<T>(command: Command<T>): Promise<T> {
    const { connection } = this.#options
    const reply = connection.post(command)
    // On a connection that is new, or none: then that is told.
    if (reply === null) return connection.execute(command)
    try {
      const inTime = await withinDeadline(reply, WITHIN_MS)
      if (inTime !== LATE) return inTime
    } catch (error) {
      const refusal = errorReplyIn(error)
      throw refusal ? await connection.refusalOf(refusal) : unavailable('Redis lost a command', error)
    }
    throw unavailable(`Redis did not answer within ${WITHIN_MS} ms`)
  }
}
