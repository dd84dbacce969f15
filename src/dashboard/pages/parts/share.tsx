import { percent } from '../format.js'

/** A part of a whole as a figure and a bar. */
export function Share({ part, whole }: { readonly part: number; readonly whole: number }) {
  return (
    <span class="share">
      <span class="share-figure">{percent(part, whole)}</span>
      <span class="share-bar" aria-hidden="true">
        <span style={{ width: `${whole === 0 ? 0 : (part / whole) * 100}%` }} />
      </span>
    </span>
  )
}
