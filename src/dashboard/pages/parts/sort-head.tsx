/** The head of a column by which a table can be put in order. */
export function SortHead({
  title,
  className,
  direction,
  onSort,
}: {
  readonly title: string
  readonly className: string
  readonly direction: 'ascending' | 'descending' | 'none'
  readonly onSort: () => void
}) {
  return (
    <th scope="col" class={className} aria-sort={direction}>
      <button type="button" class="sort" onClick={onSort}>
        <i aria-hidden="true">{{ ascending: '▲', descending: '▼', none: '' }[direction]}</i>
        {title}
      </button>
    </th>
  )
}
