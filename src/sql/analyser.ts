import type { Node } from 'libpg-query'
import type { Effects } from './statement.js'
import { StatementAnalysis } from './statement-analysis.js'
import type { Surroundings } from './surroundings.js'

const NONE: Effects = {
  reads: [],
  writes: [],
  readsUnknown: false,
  writesUnknown: false,
  undeclared: [],
  looseParams: new Set(),
  changesPath: false,
}

/** Says what statements read and write, in one database. */
export class Analyser {
  readonly #surroundings: Surroundings
  /** Of views and policies, by their SQL; empty while one is being read, as a policy may look at its own table. */
  readonly #definitions = new Map<string, Effects>()

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  effectsOf(statement: Node): Effects {
    const analysis = new StatementAnalysis(this.#surroundings, (sql) => this.#effectsOfDefinition(sql))
    return analysis.of(statement)
  }

  #effectsOfDefinition(sql: string): Effects {
    const known = this.#definitions.get(sql)
    if (known) return known
    this.#definitions.set(sql, NONE)
    const [statement] = this.#surroundings.reader.read(sql) ?? []
    const effects = statement ? this.effectsOf(statement) : { ...NONE, readsUnknown: true }
    this.#definitions.set(sql, effects)
    return effects
  }
}
