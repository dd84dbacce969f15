/** What stands in the way of following a database. */
export interface SetupMistake {
  /** As a sentence without its full stop. */
  readonly problem: string
  /** What to type, as a sentence. */
  readonly mend: string
}
