import { writeFile } from 'node:fs/promises'
import type { Chart } from './chart.js'
import { draw } from './draw.js'

export interface BenchResult {
  readonly title: string
  /** What gives it, e.g. `npm run bench:hits`. */
  readonly command: string
  /** As `machineOf` says it: when and on what, a line each. */
  readonly machine: string
  /** Markdown. */
  readonly tables: string
  readonly pictures: readonly Chart[]
}

/** Seen from where this is built to. */
const RESULTS = new URL('../../../bench/results/', import.meta.url)
/** The version that the project is developed with. */
const USUAL_NODE = '20'

/**
 * Writes `bench/results/NAME.md`, with its pictures beside it: `NAME.svg`, or `NAME-1.svg` and so on where there are
 * several. On another Node than the usual one all of them are called `NAME-nodeNN`.
 */
export async function writeResult(name: string, result: BenchResult): Promise<void> {
  const major = process.versions.node.split('.')[0] as string
  const base = major === USUAL_NODE ? name : `${name}-node${major}`
  const footer = result.machine.split('\n').join(' · ')
  const pictures = result.pictures.map((chart, index) => {
    return { chart, file: result.pictures.length === 1 ? `${base}.svg` : `${base}-${index + 1}.svg` }
  })
  for (const { chart, file } of pictures) await writeFile(new URL(file, RESULTS), await draw(chart, footer))
  const parts = [
    `# ${result.title}`,
    `\`${result.command}\`, ${footer}`,
    ...pictures.map(({ chart, file }) => `![${chart.title}](${file})`),
    result.tables.trim(),
  ]
  await writeFile(new URL(`${base}.md`, RESULTS), `${parts.join('\n\n')}\n`)
  console.log(`Written: bench/results/${base}.md`)
}
