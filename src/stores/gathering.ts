/** A question that somebody who looks asks all processes. */
export interface OpenQuestion {
  /** Unlike that of any other. */
  readonly id: string
  readonly text: string
}

/**
 * How the processes that share a store tell whoever looks of themselves. Nobody waits for it who serves requests: what is
 * late or refused is left out, and says nothing of whether the store answers others.
 *
 * All that is said lasts some seconds, and may be garbage of another program.
 */
export interface Gathering {
  /**
   * Says for some seconds that somebody looks: heartbeats tell the processes of it.
   *
   * @returns The other processes that share the store.
   */
  look(): Promise<readonly string[]>

  /** What a process says of itself; `null`: nothing. */
  reportOf(process: string): Promise<string | null>

  /** Says what this process is, and learns what all are asked. */
  report(text: string): Promise<readonly OpenQuestion[]>

  /** @returns Whether there was room for it among the questions of others. */
  ask(question: OpenQuestion): Promise<boolean>

  /** @param questionId - Of the question that this process answers. */
  answer(questionId: string, text: string): Promise<void>

  /** What a process has answered; `null`: nothing yet. */
  answerOf(process: string, questionId: string): Promise<string | null>
}

/** A longer text is no report, no question and no answer of ours. */
export const MOST_REPORT_BYTES = 512 * 1024
export const MOST_QUESTION_BYTES = 16 * 1024
export const MOST_ANSWER_BYTES = 64 * 1024
