import type { ComponentChildren } from 'preact'

interface RowsProps<Row extends { readonly id: number }> {
  readonly label: string
  /** Said where there are none. */
  readonly none: string
  readonly rows: readonly Row[]
  readonly children: (row: Row) => ComponentChildren
}

/** A list that scrolls where it is long; it takes the focus, so that a keyboard scrolls it as well. */
export function Rows<Row extends { readonly id: number }>({ label, none, rows, children }: RowsProps<Row>) {
  if (rows.length === 0) return <p class="quiet">{none}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by a keyboard.
    <ul class="rows scroll" tabIndex={0} aria-label={label}>
      {rows.map((row) => (
        <li key={row.id}>{children(row)}</li>
      ))}
    </ul>
  )
}
