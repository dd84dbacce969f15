import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'

const PACKAGE = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'))
const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
/** An empty database as it is after its first start, beside what was built. */
const IMAGE = fileURLToPath(new URL(`../../empty-database-${version}.tar`, import.meta.url))

/** Starts an empty PGlite in memory. The first time takes seconds, as a new PostgreSQL does; its image is kept. */
export async function startEmbedded(): Promise<PGlite> {
  return (await startFromImage()) ?? startAnew()
}

async function startFromImage(): Promise<PGlite | undefined> {
  try {
    return await PGlite.create({ loadDataDir: new Blob([await readFile(IMAGE)]) })
  } catch {
    // There is none yet, or it is damaged.
    return undefined
  }
}

async function startAnew(): Promise<PGlite> {
  const pglite = await PGlite.create()
  const dump = await pglite.dumpDataDir('none')
  const unfinished = `${IMAGE}.${randomUUID()}`
  try {
    await writeFile(unfinished, Buffer.from(await dump.arrayBuffer()))
    // Several processes may be at it.
    await rename(unfinished, IMAGE)
  } catch {
    // Where it cannot be kept, the next start takes as long.
    await rm(unfinished, { force: true })
  }
  return pglite
}
