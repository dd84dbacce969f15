// Tries every set-up of `cells`, or those whose names contain an argument; all of them write docs/compatibility.md.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../support/project-root.js'
import { startRedis } from '../support/redis.js'
import { readCells } from './cells.js'
import { compatibilityPage, type TriedCell } from './compatibility-page.js'
import { packTarball, removeDirectory, temporaryDirectory } from './stranger.js'
import { tryCell } from './try-cell.js'

const wanted = process.argv.slice(2)
const all = await readCells()
const cells = all.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))

const directory = await temporaryDirectory()
// One for each lane: what processes tell each other reaches all databases of a server.
const servers = await Promise.all([startRedis(), startRedis()])
let tried: readonly TriedCell[] = []
try {
  const tarball = await packTarball(directory)
  tried = await inLanes(cells, servers, async (cell, { url: redisUrl }) => {
    const begin = Date.now()
    const trial: TriedCell = await tryCell(cell, { tarball, redisUrl }).then(
      (installed) => ({ cell, installed }),
      (failure: Error) => ({ cell, failure }),
    )
    const seconds = Math.round((Date.now() - begin) / 1_000)
    console.log(`${'failure' in trial ? 'FAILED' : 'works '} ${cell.name} (${seconds} s)`)
    if ('failure' in trial) console.log(trial.failure.message)
    return trial
  })
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  await removeDirectory(directory)
}

const failed = tried.filter((trial) => 'failure' in trial)
if (cells.length === all.length) {
  await writeFile(join(PROJECT_ROOT, 'docs/compatibility.md'), compatibilityPage(tried))
}
console.log(`${tried.length} tried, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0

/** As many at once as there are lanes, each in one of them; the results are in the order of the items. */
async function inLanes<Item, Lane, Result>(
  items: readonly Item[],
  lanes: readonly Lane[],
  act: (item: Item, lane: Lane) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const left = items.entries()
  const run = async (lane: Lane) => {
    for (const [index, item] of left) results[index] = await act(item, lane)
  }
  await Promise.all(lanes.map(run))
  return results
}
