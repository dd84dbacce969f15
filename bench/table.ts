/** A Markdown table that lines up as plain text too. The first column is words, the others are figures. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [head, rule, ...rows].map((row) => lineOf(row, widths)).join('\n')
}

function lineOf(row: readonly string[], widths: readonly number[]): string {
  const [first = '', ...others] = widths.map((width, column) => {
    const cell = row[column] ?? ''
    return column === 0 ? cell.padEnd(width) : cell.padStart(width)
  })
  return `| ${[first, ...others].join(' | ')} |`
}
