import { type BarrierRaceResult, operationsOf, total } from './barrier-race.js'

/** One line while it runs. */
export function progressLine(result: BarrierRaceResult): string {
  const { seconds, told, violations, deaths } = result
  const done = operationsOf(result)
  return `${seconds.toFixed(0).padStart(4)} s  ${shown(done)} operations, ${shown(done / seconds)}/s  ${shown(total(told))} late or kept  ${deaths} deaths  ${shown(violations)} violations`
}

export function report(result: BarrierRaceResult): string {
  const { options, reads, writes, told, waits, failures, deaths, violations, stories, seconds } = result
  return [
    `operations  ${shown(operationsOf(result))} in ${seconds.toFixed(1)} s, by ${options.clients} clients of ${options.processes} processes, ${options.barrier ? `behind a barrier of ${options.deadlineMs} ms at most` : 'without a barrier'}, followed by the ${options.from}`,
    `reads       ${listed(reads)}`,
    `writes      ${listed(writes)}`,
    `waits       ${waits.length === 0 ? 'none' : waitsOf(waits)}`,
    `told        ${listed(told)}`,
    `trouble     ${deaths} processes killed, ${failures} questions failed`,
    '',
    ...stories,
    ...(violations > stories.length ? [`and ${shown(violations - stories.length)} more`] : []),
    `violations  ${shown(violations)}`,
    `seed        ${options.seed}`,
  ].join('\n')
}

function waitsOf(waits: readonly number[]): string {
  const sorted = [...waits].sort((one, other) => one - other)
  const at = (share: number): string => `${sorted[Math.ceil(share * sorted.length) - 1]?.toFixed(1)} ms`
  return `${shown(waits.length)}: p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`
}

function listed(counts: ReadonlyMap<string, number>): string {
  const each = [...counts].sort().map(([name, number]) => `${shown(number)} ${name}`)
  return `${shown(total(counts))}${each.length > 0 ? `: ${each.join(', ')}` : ''}`
}

function shown(number: number): string {
  return Math.floor(number).toLocaleString('en')
}
