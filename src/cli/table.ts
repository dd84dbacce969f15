import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly align?: 'left' | 'right'
  /** Gives way where the terminal is too narrow. */
  readonly shrinks?: true
}

const GAP = '  '
/** No column is made narrower. */
const NARROWEST = 8
const CUT = '…'

/**
 * Rows under their titles, as lines.
 *
 * @param width - Of the terminal; columns that shrink are cut to fit it. Without one, nothing is cut.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width?: number,
): string[] {
  const all = [columns.map(({ title }) => title), ...rows]
  const widest = columns.map((_, index) => Math.max(...all.map((row) => widthOf(row[index] ?? ''))))
  const widths = width === undefined ? widest : fitting(columns, widest, width)
  return all.map((row) => {
    const cells = columns.map((column, index) => cell(row[index] ?? '', widths[index] ?? 0, column))
    return cells.join(GAP).trimEnd()
  })
}

/** Takes from the widest column that shrinks, one after the other, until the rest fits. */
function fitting(columns: readonly Column[], widest: readonly number[], width: number): number[] {
  const widths = [...widest]
  const sum = () => widths.reduce((total, each) => total + each, GAP.length * (widths.length - 1))
  for (let excess = sum() - width; excess > 0; excess = sum() - width) {
    const shrinking = widths.flatMap((each, index) =>
      columns[index]?.shrinks && each > NARROWEST ? [{ each, index }] : [],
    )
    const [first, second] = shrinking.sort((one, other) => other.each - one.each)
    if (!first) break
    const step = Math.max(1, first.each - (second?.each ?? NARROWEST))
    widths[first.index] = Math.max(NARROWEST, first.each - Math.min(excess, step))
  }
  return widths
}

function cell(text: string, width: number, { align }: Column): string {
  const space = width - widthOf(text)
  if (space < 0) return `${stripVTControlCharacters(text).slice(0, Math.max(0, width - 1))}${CUT}`
  return align === 'right' ? ' '.repeat(space) + text : text + ' '.repeat(space)
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}
