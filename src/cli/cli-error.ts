/** What the command line could not do: what, where, and how to mend it. Ends the command with the code 2. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly mend: string

  /**
   * @param problem - A sentence without its full stop.
   * @param mend - What to do, as a sentence.
   */
  constructor(problem: string, mend: string, cause?: unknown) {
    super(problem, cause === undefined ? {} : { cause })
    this.mend = mend
  }
}
