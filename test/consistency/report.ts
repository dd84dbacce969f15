import { cachedAnswers, operations, READS, sum, WRITES } from './counts.js'
import type { RaceResult } from './race.js'
import { storyOf } from './violations.js'

/** One line while it runs. */
export function progressLine({ counts, deaths, faults, violations, seconds }: RaceResult): string {
  const done = operations(counts)
  return `${seconds.toFixed(0).padStart(4)} s  ${shown(done)} operations, ${shown(done / seconds)}/s  ${deaths} deaths  ${total(faults)}${violations} violations`
}

export function report(result: RaceResult): string {
  const { options, counts, deaths, faults, violations, stories, seconds } = result
  const { processes, readers, writers } = options
  const listed = (names: readonly (keyof typeof counts)[]): string =>
    names.map((name) => `${shown(counts[name])} ${inWords(name)}`).join(', ')
  return [
    `operations     ${shown(operations(counts))} in ${seconds.toFixed(1)} s, by up to ${processes * (readers + writers)} clients at once in ${processes} process${processes === 1 ? '' : 'es'}`,
    `reads          ${shown(sum(counts, READS))}: ${listed(READS)}`,
    `writes         ${shown(sum(counts, WRITES))}: ${listed(WRITES)}`,
    `loads          ${listed(['fills', 'refusedFills', 'abandoned'])}`,
    `behind a fence ${listed(['warmed', 'refusedPuts'])}`,
    `trouble        ${deaths} processes killed, ${listed(['kept'])}`,
    ...(faults.size === 0 ? [] : faultLines(result)),
    '',
    ...stories.map(storyOf),
    ...(violations > stories.length ? [`and ${shown(violations - stories.length)} more`] : []),
    `violations     ${shown(violations)}`,
    bound(result),
    `seed           ${options.seed}`,
  ].join('\n')
}

function total(faults: RaceResult['faults']): string {
  if (faults.size === 0) return ''
  return `${[...faults.values()].reduce((sum, count) => sum + count, 0)} faults  `
}

/** What is stated as an exception is counted by itself: it is no violation, and nothing to be silent about. */
function faultLines({ faults, counts }: RaceResult): readonly string[] {
  const each = [...faults].sort().map(([name, count]) => `${shown(count)} ${name}`)
  return [
    `faults         ${total(faults).trim()}: ${each.join(', ')}`,
    `in the bound   ${shown(counts.oldInBound)} old answers, after ${shown(counts.keptAlone)} writes whose process alone could not reach Redis`,
  ]
}

/**
 * What no violation in n trials says about the rate, with 95 % confidence: less than 3/n (Hanley and
 * Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249, 1983).
 */
function bound({ counts, violations }: RaceResult): string {
  const answers = cachedAnswers(counts)
  return violations > 0
    ? `so             ${shown(violations)} of ${shown(answers)} cached answers were wrong`
    : `so             fewer than 1 in ${shown(answers / 3)} cached answers, with 95 % confidence (rule of three)`
}

function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function shown(number: number): string {
  return Math.floor(number).toLocaleString('en')
}
