import { expect } from 'chai'
import { readOfGroup, writeOfRow } from './row-tags/by-group.js'
import { onEachDatabase } from './row-tags/on-each-database.js'
import { type Figures, type Seen, type TestedDatabase, watchReads } from './row-tags/watched-reads.js'

/** More of it: ROW_TAGS_SEEDS=20 ROW_TAGS_WRITES=300; each form's figures: ROW_TAGS_FIGURES=all. */
const { ROW_TAGS_SEEDS = '2', ROW_TAGS_WRITES = '120', ROW_TAGS_FIRST_SEED, ROW_TAGS_FIGURES } = process.env
const FIRST_SEED = Number(ROW_TAGS_FIRST_SEED ?? Date.now() % 1_000_000)
const READS = 40

describe('row tags', () => {
  onEachDatabase((database, name) => {
    if (name === 'PGlite') watchOn(database, Number(ROW_TAGS_SEEDS), Number(ROW_TAGS_WRITES))
    else watchOn(database, 1, 60)
  })
})

function watchOn(database: TestedDatabase, seeds: number, writes: number): void {
  const all: Seen[] = []

  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed += 1) {
    it(`evicts whatever a write changed (seed ${seed})`, async function () {
      this.timeout(20_000 + writes * 500)
      const seen = await watchReads(database, { seed, writes, reads: READS })
      all.push(seen)
      expect(
        seen.missed.slice(0, 3).join('\n\n'),
        `${seen.missed.length} reads stayed that had changed`,
      ).to.equal('')
    })
  }

  it('evicts little else of what is asked by key or by index, where rows are returned', async function () {
    this.timeout(20_000 + writes * 500)
    const seen = await watchReads(database, {
      seed: FIRST_SEED,
      writes,
      reads: READS,
      read: readOfGroup,
      write: writeOfRow,
    })
    all.push(seen)
    expect(seen.missed.join('\n\n')).to.equal('')
    const { evicted, byTable } = sumOf([...seen.figures.values()])
    expect(evicted, `of ${byTable} reads that share a table with the write`).to.be.below(byTable * 0.6)
  })

  after(() => console.log(lines(figuresOf(all), all).join('\n')))
}

function figuresOf(all: readonly Seen[]): ReadonlyMap<string, Figures> {
  const forms = new Map<string, Figures>()
  for (const { figures } of all) {
    for (const [form, more] of figures) forms.set(form, sumOf([forms.get(form) ?? sumOf([]), more]))
  }
  return forms
}

function sumOf(figures: readonly Figures[]): Figures {
  const sum = (name: keyof Figures) => figures.reduce((total, one) => total + one[name], 0)
  return { reads: sum('reads'), evicted: sum('evicted'), byTable: sum('byTable'), changed: sum('changed') }
}

function lines(forms: ReadonlyMap<string, Figures>, all: readonly Seen[]): readonly string[] {
  const writes = all.reduce((total, seen) => total + seen.writes, 0)
  const told = ({ reads, evicted, byTable, changed }: Figures) =>
    `${reads} reads, ${byTable} share a table with the write, ${evicted} evicted, ${changed} changed`
  const sum = `${writes} writes: ${told(sumOf([...forms.values()]))}`
  if (ROW_TAGS_FIGURES === undefined) return [sum]
  return [sum, ...[...forms].map(([form, figures]) => `${form}: ${told(figures)}`)]
}
