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
const redis = await startRedis()
const tried: TriedCell[] = []
try {
  const tarball = await packTarball(directory)
  for (const cell of cells) {
    const begin = Date.now()
    const trial: TriedCell = await tryCell(cell, { tarball, redisUrl: redis.url }).then(
      (installed) => ({ cell, installed }),
      (failure: Error) => ({ cell, failure }),
    )
    tried.push(trial)
    const seconds = Math.round((Date.now() - begin) / 1_000)
    console.log(`${'failure' in trial ? 'FAILED' : 'works '} ${cell.name} (${seconds} s)`)
    if ('failure' in trial) console.log(trial.failure.message)
  }
} finally {
  await redis.stop()
  await removeDirectory(directory)
}

const failed = tried.filter((trial) => 'failure' in trial)
if (cells.length === all.length) {
  await writeFile(join(PROJECT_ROOT, 'docs/compatibility.md'), compatibilityPage(tried))
}
console.log(`${tried.length} tried, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0
