/** What to write so that the tables of a function are known. */
export function undeclaredFunction(name: string): string {
  return `the function ${name} is called, which is not PostgreSQL's own: say what it does with tables, as in functions: { ${name}: { reads: ['customers'], writes: [] } }`
}

/** @param name - Of a table or a view. */
export function undeclaredTriggers(name: string): string {
  return `${name} has triggers or rules: say which tables they write, as in triggers: { ${JSON.stringify(name)}: ['audit_log'] }, or [] if none`
}
