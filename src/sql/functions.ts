import type { FuncCall } from 'libpg-query'
import type { FunctionRow } from './catalogue-query.js'
import { plainName } from './relation.js'
import type { FunctionTables, Surroundings } from './surroundings.js'
import { functionName, type QualifiedName } from './syntax.js'
import { undeclaredFunction } from './undeclared.js'

/** PostgreSQL's own that run SQL which they are given as text, read tables by name, or keep large objects. */
const OF_MORE_THAN_ARGUMENTS =
  /^(?:(?:query|table|schema|database|cursor)_to_xml|ts_stat$|ts_rewrite$|lo_|lo(?:read|write)$|pg_read_|pg_ls_|pg_logical_)/

/** What a call does besides computing a value. */
export type CallEffects =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'declared' } & FunctionTables)
  /** It may read anything, and write as well if PostgreSQL lets it. */
  | { readonly kind: 'unknown'; readonly undeclared: readonly string[]; readonly mayWrite: boolean }

export function effectsOfCall({ name, schema }: QualifiedName, surroundings: Surroundings): CallEffects {
  const { catalogue, functions } = surroundings
  const candidates = catalogue.functions(name).filter((row) => schema === undefined || row.schema === schema)
  if (candidates.length === 0) return effectsOfBuiltIn(name)
  const declared = candidates.map((row) => declarationOf(row, functions))
  if (declared.every((tables) => tables !== undefined)) {
    return {
      kind: 'declared',
      reads: declared.flatMap(({ reads }) => reads),
      writes: declared.flatMap(({ writes }) => writes),
    }
  }
  return {
    kind: 'unknown',
    undeclared: [undeclaredFunction(name)],
    mayWrite: candidates.some(({ isVolatile }) => isVolatile),
  }
}

/** set_config can do what SET search_path does. */
export function mayChangePath(call: FuncCall): boolean {
  if (functionName(call).name !== 'set_config') return false
  const [setting] = call.args ?? []
  const name = setting && 'A_Const' in setting ? setting.A_Const.sval?.sval : undefined
  return name === undefined || name.toLowerCase() === 'search_path'
}

function effectsOfBuiltIn(name: string): CallEffects {
  if (!OF_MORE_THAN_ARGUMENTS.test(name)) return { kind: 'none' }
  return { kind: 'unknown', undeclared: [], mayWrite: true }
}

function declarationOf(row: FunctionRow, functions: Surroundings['functions']): FunctionTables | undefined {
  return (
    functions.get(plainName(row)) ?? functions.get(`${row.schema}.${row.name}`) ?? functions.get(row.name)
  )
}
