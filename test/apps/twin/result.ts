import type { Accounts } from 'express-cacheable'
import type { Ask } from './subject.js'

/** A read whose two answers were not the same. */
export interface Difference {
  readonly seed: number
  readonly step: number
  readonly ask: Ask
  /** What the cache said of it, and of which keys. */
  readonly xCache: string
  readonly keys: readonly string[]
  readonly answered: string
  readonly expected: string
  /** The writes before it, the newest last. */
  readonly writes: readonly string[]
}

export interface TwinResult {
  readonly seed: number
  readonly steps: number
  readonly reads: number
  readonly hits: number
  readonly differences: number
  /** The first few of them. */
  readonly examples: readonly Difference[]
  /** How many writes of each kind succeeded and failed. */
  readonly writes: Readonly<Record<string, { readonly succeeded: number; readonly failed: number }>>
  /** How many reads of each kind were compared. */
  readonly compared: Readonly<Record<string, number>>
  readonly rules: readonly RuleFigures[]
}

/** Of the cached application, by rule. */
export interface RuleFigures extends Pick<Accounts, 'hits' | 'misses' | 'bypasses'> {
  readonly key: string
}

/** The story of a difference, for whoever has to find out why. */
export function differenceText(difference: Difference): string {
  const { seed, step, ask, xCache, keys, answered, expected, writes } = difference
  return [
    `seed ${seed}, step ${step}: ${describeAsk(ask)} (${xCache}${keys.length > 0 ? `, ${keys.join(', ')}` : ''})`,
    `  answered ${answered}`,
    `  expected ${expected}`,
    ...writes.map((write) => `  after    ${write}`),
  ].join('\n')
}

export function describeAsk({ method, path, headers, body }: Ask): string {
  const who = headers.authorization ?? 'nobody'
  return `${method} ${path} by ${who}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`
}

/** Hits of each rule, the whole, and what did not go well. */
export function resultText(result: TwinResult): string {
  const { seed, steps, reads, hits, differences, examples, rules, writes } = result
  const written = Object.entries(writes).map(
    ([name, { succeeded, failed }]) => `  ${name.padEnd(40)} ${succeeded} succeeded, ${failed} failed`,
  )
  const width = Math.max(0, ...rules.map(({ key }) => key.length))
  return [
    ...examples.map(differenceText),
    'writes',
    ...written,
    'hits by rule',
    ...rules.map(
      ({ key, ...counts }) => `  ${key.padEnd(width)} ${rate(counts.hits, counts.hits + counts.misses)}`,
    ),
    `seed ${seed}: ${steps} steps, ${reads} reads compared, ${rate(hits, reads)}, ${differences} differences`,
  ].join('\n')
}

function rate(hits: number, total: number): string {
  const share = total === 0 ? '-' : `${((100 * hits) / total).toFixed(1)} %`
  return `${hits} hits of ${total} (${share})`
}
