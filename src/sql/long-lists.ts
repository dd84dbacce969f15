/** ORMs name so many parameters one by one, and each number of them makes another text. */
const LONG_LIST = /\bIN\s*\(\s*\$\d+(?:\s*,\s*\$\d+){200,}\s*\)/gi

/** Where they stand, what looks like a list may be something else. */
const QUOTES = /'|--|\/\*|\$\D/

/**
 * The same text without long lists of parameters, which nobody looks at: so many values name no groups. What is left
 * says the same of tables, takes the parser no time, and is one text for lists of all lengths.
 */
export function withoutLongLists(sql: string): string {
  if (sql.length < 1_000 || QUOTES.test(sql)) return sql
  const listed = new Set<string>()
  const shortened = sql.replace(LONG_LIST, (list) => {
    for (const [param] of list.matchAll(/\$\d+/g)) listed.add(param)
    return 'IN (SELECT NULL)'
  })
  // A parameter that stands elsewhere too has its type from either place.
  const isShared = [...shortened.matchAll(/\$\d+/g)].some(([param]) => listed.has(param))
  return isShared ? sql : shortened
}
