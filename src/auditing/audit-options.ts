import { expected, knownOptions, type TypedExpectation, wrongOption } from '../tools/check-values.js'

/** The option `audit` of `createCache`. */
export interface AuditOptions {
  /** The share of hits that are asked again behind the answer, above 0 and at most 1: `0.001` is one of a thousand. */
  readonly sample: number
  /**
   * Fields that are not compared, such as `generatedAt`: names, at any depth, or paths such as `items.*.seenAt`.
   * @defaultValue none
   */
  readonly ignore?: readonly string[] | undefined
}

/** The same, checked and complete. */
export type ResolvedAudit = Required<{
  readonly [Option in keyof AuditOptions]: NonNullable<AuditOptions[Option]>
}>

const WHERE = 'createCache({ audit })'
const KNOWN = new Set<keyof AuditOptions>(['sample', 'ignore'])

const SHARE: TypedExpectation<number> = {
  isMet: (value): value is number => typeof value === 'number' && value > 0 && value <= 1,
  mend: 'Give a number above 0 and at most 1, such as 0.001 for one hit of a thousand.',
}

/** @throws CacheError `E_CACHE_OPTION` */
export function resolveAudit(audit: unknown): ResolvedAudit | undefined {
  if (audit === undefined) return undefined
  knownOptions(WHERE, audit, KNOWN, `Write audit: { sample: 0.001, ignore: ['generatedAt'] }.`)
  const { sample, ignore = [] } = audit
  return { sample: expected(WHERE, 'sample', sample, SHARE), ignore: fieldsOf(ignore) }
}

function fieldsOf(ignore: unknown): readonly string[] {
  const isField = (field: unknown): boolean =>
    typeof field === 'string' && field.split('.').every((name) => name !== '')
  if (Array.isArray(ignore) && ignore.every(isField)) return [...ignore]
  throw wrongOption(
    WHERE,
    'ignore is no list of fields',
    `Give names such as ['generatedAt'], or paths such as ['items.*.seenAt'].`,
  )
}
