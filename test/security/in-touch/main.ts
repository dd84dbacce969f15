// Runs the fault matrix and prints it as Markdown. Exit code 1 says that a promise was broken.
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { Random } from '../../consistency/random.js'
import { allCells, nameOf } from './cell.js'
import { breaksPromise, runCell } from './run-cell.js'
import { lineOf, type Row, tableOf } from './table.js'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { runs: text, seed: text, only: text, client: text, out: text, help: { type: 'boolean' } },
})
if (values.help) {
  console.log(`
node build/test/security/in-touch/main.js [options]

  --runs 3       of each cell
  --only cut     the cells whose names match this regular expression
  --client node-redis-6
                 the kind of client that the processes use (test/support/redis-clients.ts); else a URL
  --seed         repeats the choices of the run that printed it, but not the time that each step takes
  --out file.md  where the table goes; else it is printed`)
  process.exit(0)
}

const runs = Number(values.runs ?? 3)
const seed = Number(values.seed ?? randomInt(2 ** 32))
const only = new RegExp(values.only ?? '')
console.log(`seed ${seed}`)

const rows: Row[] = []
for (const cell of allCells().filter((one) => only.test(nameOf(one)))) {
  const row: Row = {
    cell,
    outcome: await runCell(cell, runs, new Random(seed), values.client).catch((error: Error) => error),
  }
  rows.push(row)
  console.log(lineOf(row))
}
const table = tableOf(rows)
if (values.out === undefined) console.log(`\n${table}`)
else await writeFile(values.out, `${table}\n`)

const isBroken = ({ outcome }: Row) => outcome instanceof Error || breaksPromise(outcome)
process.exitCode = rows.some(isBroken) ? 1 : 0
