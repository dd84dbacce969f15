import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly align?: 'left' | 'right'
  /** Gives way where the terminal is too narrow. */
  readonly shrinks?: true
  /** Left out where the others would have to shrink too much, the widest first. */
  readonly isOptional?: true
}

const GAP = '  '
/** No column is made narrower. */
const NARROWEST = 8
/** What a column that shrinks should have, before others are left out for it. */
const COMFORTABLE = 24
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
  const isKept = width === undefined ? columns.map(() => true) : affordable(columns, widest, width)
  const only = <Each>(each: readonly Each[]): Each[] => each.filter((_, index) => isKept[index])
  const kept = only(columns)
  const widths = width === undefined ? widest : fitting(kept, only(widest), width)
  return all.map((row) => {
    const cells = only(row).map((text, index) => cell(text, widths[index] ?? 0, kept[index]))
    return cells.join(GAP).trimEnd()
  })
}

/** Which columns are shown. */
function affordable(columns: readonly Column[], widest: readonly number[], width: number): boolean[] {
  const isKept = columns.map(() => true)
  const least = columns.map(({ shrinks }, index) =>
    shrinks ? Math.min(COMFORTABLE, widest[index] ?? 0) : (widest[index] ?? 0),
  )
  const sum = () =>
    least.reduce((total, each, index) => total + (isKept[index] ? each + GAP.length : 0), -GAP.length)
  const optional = columns.flatMap(({ isOptional }, index) => (isOptional ? [index] : []))
  for (const index of optional.sort((one, other) => (least[other] ?? 0) - (least[one] ?? 0))) {
    if (sum() > width) isKept[index] = false
  }
  return isKept
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

function cell(text: string, width: number, column: Column | undefined): string {
  const space = width - widthOf(text)
  if (space < 0) return `${stripVTControlCharacters(text).slice(0, Math.max(0, width - 1))}${CUT}`
  return column?.align === 'right' ? ' '.repeat(space) + text : text + ' '.repeat(space)
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}
