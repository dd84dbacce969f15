/** What one subject did in all its rounds. */
export interface Result<Subject, Round> {
  readonly subject: Subject
  readonly rounds: readonly Round[]
}

export interface RoundsOptions<Round> {
  readonly rounds: number
  /** Told how each round went, in the order of the subjects. */
  readonly onRound?: (number: number, rounds: readonly Round[]) => void
}

/** Measures the subjects in turn, A B C, A B C, …: what slows the machine down for a while then slows all of them. */
export async function runRounds<Subject, Round>(
  subjects: readonly Subject[],
  measure: (subject: Subject) => Promise<Round>,
  { rounds, onRound }: RoundsOptions<Round>,
): Promise<Result<Subject, Round>[]> {
  const results = subjects.map((subject) => ({ subject, rounds: [] as Round[] }))
  for (let number = 1; number <= rounds; number++) {
    for (const { subject, rounds } of results) rounds.push(await measure(subject))
    onRound?.(
      number,
      results.map(({ rounds }) => rounds.at(-1) as Round),
    )
  }
  return results
}
