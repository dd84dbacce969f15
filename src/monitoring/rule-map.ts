import { canMeet } from '../keys/overlap.js'
import { parsePattern, type Template } from '../keys/template.js'
import { factsOfReads, factsOfWrites, type ReadFacts, type WriteFacts } from './rule-facts.js'

/** A write on the map. */
export interface MappedWrite extends Omit<WriteFacts, 'where'> {
  /** What it hears, where it is no route's. */
  readonly event: string | null
}

/** Which write can remove what of which read. Reads and writes are known by their names. */
export interface RuleMap {
  readonly reads: readonly ReadFacts[]
  readonly writes: readonly MappedWrite[]
  /** By which pattern, tag or table. */
  readonly edges: readonly { readonly write: string; readonly read: string; readonly by: string }[]
  /** Names of reads that nothing evicts. */
  readonly unevicted: readonly string[]
  /** Names of writes that evict nothing any read stores. */
  readonly idle: readonly string[]
}

/** The map of the rules of one process. @param eventOf - What a method hears, by class and method. */
export function mapOfRules(
  rules: Parameters<typeof factsOfReads>[0],
  eventOf: (where: string) => string | null = () => null,
): RuleMap {
  const writes = factsOfWrites(rules).map(({ where, ...write }) => ({ ...write, event: eventOf(where) }))
  return mapOf(factsOfReads(rules), writes)
}

/** The map of what processes declare, and of the tables that they were seen to read and write. */
export function mapOf(reads: readonly ReadFacts[], writes: readonly MappedWrite[]): RuleMap {
  const parsedReads = reads.map((read) => ({
    read,
    key: parsed(read.template),
    tags: read.tags.flatMap((tag) => parsed(tag) ?? []),
  }))
  const edges = writes.flatMap((write) => {
    const patterns = write.patterns.map((text) => ({ text, template: parsed(text) }))
    const tags = write.tags.map((text) => ({ text, template: parsed(text) }))
    return parsedReads.flatMap(({ read, key, tags: ofRead }) => {
      const byPattern = patterns.filter(({ template }) => meets(template, key)).map(({ text }) => text)
      const byTag = tags
        .filter(({ template }) => ofRead.some((tag) => meets(template, tag)))
        .map(({ text }) => `tag ${text}`)
      const byTable = write.tables
        .filter((table) => read.tables.includes(table))
        .map((table) => `table ${table}`)
      return [...byPattern, ...byTag, ...byTable].map((by) => ({ write: write.name, read: read.name, by }))
    })
  })
  const evicted = new Set(edges.map(({ read }) => read))
  const evicting = new Set(edges.map(({ write }) => write))
  return {
    reads,
    writes,
    edges,
    // Which keys a function gives that does not say so, nobody knows, nor whether a pattern covers them.
    unevicted: parsedReads
      .filter(({ read, key }) => key !== undefined && !evicted.has(read.name))
      .map(({ read }) => read.name),
    idle: writes.filter(({ name }) => !evicting.has(name)).map(({ name }) => name),
  }
}

function meets(one: Template | undefined, other: Template | undefined): boolean {
  return one !== undefined && other !== undefined && canMeet(one, other)
}

/** `undefined` for the source of a function, which stands where a key is not declared. */
function parsed(text: string): Template | undefined {
  try {
    return parsePattern(text, 'the map')
  } catch {
    return undefined
  }
}
