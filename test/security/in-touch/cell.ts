import { cutOnce, type Fault, FREEZES, overtaken, REFUSALS, RESTARTS, WELL, WRITER_ALONE } from './faults.js'

/** When the writer dies: while Redis is well, so that its write is not acknowledged, or after its answer. */
type Death = 'never' | 'after its answer' | Moment

/** Of a write that nobody has been told of. */
type Moment = 'while it commits' | 'after its commit' | 'while it evicts'

/** One field of the matrix. */
export interface Cell {
  readonly fault: Fault
  /** Whether the writer's requests have met the fault before it writes, so that its circuit is open. */
  readonly hasNoticed: boolean
  readonly death: Death
  readonly processes: 2 | 3
  /** Whether the rule says `crashSafe`. */
  readonly crashSafe: boolean
}

const PROCESSES = [2, 3] as const
const MOMENTS: readonly Moment[] = ['while it commits', 'after its commit', 'while it evicts']

export function nameOf({ fault, hasNoticed, death, processes, crashSafe }: Cell): string {
  const parts = [
    fault.name,
    ...(hasNoticed ? ['the writer has noticed'] : []),
    ...(death === 'never' ? [] : [`the writer dies ${death}`]),
    ...(crashSafe ? ['crashSafe'] : []),
    `${processes} processes`,
  ]
  return parts.join('; ')
}

/** All that the documentation speaks of. */
export function allCells(): readonly Cell[] {
  const faults = [...FREEZES, cutOnce, ...REFUSALS, overtaken, ...RESTARTS, ...WRITER_ALONE]
  return PROCESSES.flatMap((processes) => [
    ...faults.flatMap((fault) =>
      (['never', 'after its answer'] as const).flatMap((death) =>
        noticing(fault).map((hasNoticed) => ({ fault, hasNoticed, death, processes, crashSafe: false })),
      ),
    ),
    ...MOMENTS.flatMap((death) =>
      [false, true].map((crashSafe) => ({ fault: WELL, hasNoticed: false, death, processes, crashSafe })),
    ),
  ])
}

/** Only silence opens a circuit. */
function noticing(fault: Fault): readonly boolean[] {
  return FREEZES.includes(fault) ? [false, true] : [false]
}
