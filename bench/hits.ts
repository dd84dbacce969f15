// How fast a hit is, beside what users would pick instead and beside what no cache can be faster than; what a miss adds.
import { CommandError } from '#demo/command-error.js'
import { goalTable } from './goals.js'
import { hitPictures } from './hits/hit-pictures.js'
import { peers } from './hits/installed-peers.js'
import { PARTS, type Part } from './hits/parts.js'
import { type PartResult, runPart } from './hits/run-part.js'
import { referencesText, windowTable } from './hits/window-table.js'
import type { BenchResult } from './pictures/write-result.js'
import { CORES, canPin, pin } from './pin.js'
import { loadAverage, machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runBench } from './run-bench.js'

await runBench(main)

async function main(): Promise<void> {
  const { ONLY, ROUNDS } = process.env
  const parts = wantedParts(ONLY).map((part) => (ROUNDS ? { ...part, rounds: Number(ROUNDS) } : part))
  await peers.install()
  const isPinned = await canPin()
  if (isPinned) await pin(process.pid, CORES.others)
  for (const part of parts) {
    const result = resultOf(await runPart(part, isPinned), isPinned)
    await reportResult(`hits-${part.name}`, result, ROUNDS && 'ROUNDS is set')
  }
}

function resultOf(result: PartResult, isPinned: boolean): BenchResult {
  const { part, cases, results, redisVersion } = result
  const machine = machineOf(new Date(), {
    Redis: redisVersion,
    pinned: isPinned ? 'the app to one core, load and Redis to another' : 'no',
    'load average': loadAverage(),
    ...(part.name === 'peers' ? { packages: peers.versions() } : {}),
  })
  const { subjects, references, rounds } = part
  const tables = `${referencesText(references)}; ${rounds} rounds:

${cases.map((at) => windowTable(results, subjects, references, at)).join('\n\n')}

${goalTable(part.goals(results, cases))}`
  return {
    title: part.title,
    command: `ONLY=${part.name} npm run bench:hits`,
    machine,
    tables,
    pictures: hitPictures(result),
  }
}

/** @param only - Names of parts, separated by commas. */
function wantedParts(only: string | undefined): readonly Part[] {
  if (!only) return PARTS
  return only.split(',').map((wanted) => {
    const part = PARTS.find(({ name }) => name === wanted.trim())
    if (part) return part
    const names = PARTS.map(({ name }) => name).join(', ')
    throw new CommandError(`ONLY=${only}: there is no part '${wanted.trim()}'. There are: ${names}.`)
  })
}
