import { tableFrom, tagsOfTableRead, tagsOfTableWrite } from '../dependencies/table-tags.js'
import { keyAsTemplate, type PlaceholderSource, parseTag, type Template } from '../keys/template.js'
import { checkSources } from './check-sources.js'

/** What an entry depends on, as rules and calls declare it. */
export interface DeclaredReads {
  readonly tags?: string | readonly string[] | undefined
  readonly reads?: string | readonly string[] | undefined
}

/** What a write changes, beside what its patterns say. */
export interface DeclaredWrites {
  readonly tags?: string | readonly string[] | undefined
  readonly writes?: string | readonly string[] | undefined
}

/**
 * The templates of what an entry is to carry: its tags, and those of the tables that it is made from.
 *
 * @throws CacheError `E_CACHE_TEMPLATE`, `E_CACHE_SOURCE`.
 */
export function parseReads(
  { tags, reads }: DeclaredReads,
  sources: readonly PlaceholderSource[],
  where: string,
): readonly Template[] {
  return [...parseTags(tags, sources, where), ...tagsOfReads(reads)]
}

/** The same of what a write evicts by tags. @throws CacheError `E_CACHE_TEMPLATE`, `E_CACHE_SOURCE`. */
export function parseWrites(
  { tags, writes }: DeclaredWrites,
  sources: readonly PlaceholderSource[],
  where: string,
): readonly Template[] {
  return [...parseTags(tags, sources, where), ...fixedTags(writes, tagsOfTableWrite)]
}

/** The tags of an entry that is made from these tables. @param tables - Checked by `checkOptions`. */
export function tagsOfReads(tables: string | readonly string[] | undefined): readonly Template[] {
  return fixedTags(tables, tagsOfTableRead)
}

/** @param tables - Checked by `checkOptions`. */
function fixedTags(
  tables: string | readonly string[] | undefined,
  tagsOf: (name: string) => readonly string[],
): readonly Template[] {
  const names = [tables ?? []].flat().map(tableFrom)
  const tags = names.flatMap((name) => (name === undefined ? [] : tagsOf(name)))
  return [...new Set(tags)].map(keyAsTemplate)
}

/** A class's prefix is for its keys: tags are what classes share. */
function parseTags(
  tags: string | readonly string[] | undefined,
  sources: readonly PlaceholderSource[],
  where: string,
): readonly Template[] {
  const templates = (typeof tags === 'string' ? [tags] : (tags ?? [])).map((text) => parseTag(text, where))
  for (const template of templates) checkSources(template, sources, where)
  return templates
}
