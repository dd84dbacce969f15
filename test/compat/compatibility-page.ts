import type { Cell } from './cells.js'

/** What came of a cell. */
export type TriedCell =
  | { readonly cell: Cell; readonly installed: readonly string[] }
  | { readonly cell: Cell; readonly failure: Error }

const HEAD = `# Compatibility

\`npm run compat\` writes this page. It packs the package, installs the tarball in each of these set-ups, and asks a small application for a miss, a hit, a write and a miss, on a real Redis where a Redis client is installed; then the process has to end by itself. A bundle runs alone, in an empty folder. Each set-up is a folder in \`test/compat/cells\`; \`npm test\` tries some of them too.
`

/** The page that says in which set-ups the package works. */
export function compatibilityPage(tried: readonly TriedCell[]): string {
  const areas = [...new Set(tried.map(({ cell }) => cell.area))].sort()
  const tables = areas.map((area) => {
    const rows = tried.filter(({ cell }) => cell.area === area).map(row)
    return [`## ${area}`, '', '| set-up | installed | |', '|---|---|---|', ...rows].join('\n')
  })
  return `${HEAD}\n${tables.join('\n\n')}\n`
}

function row(trial: TriedCell): string {
  const { title, name } = trial.cell
  const outcome = 'failure' in trial ? ['', 'fails'] : [trial.installed.join(', '), 'works']
  return `| [${title}](../test/compat/cells/${name}/package.json) | ${outcome.join(' | ')} |`
}
