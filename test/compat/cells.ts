import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../support/project-root.js'

const CELLS = join(PROJECT_ROOT, 'test/compat/cells')

/** A set-up that people have: a folder with a package.json, whose `compat` says the rest. */
export interface Cell {
  readonly name: string
  readonly folder: string
  /** A heading of the table, and the cell's own name below it. */
  readonly area: string
  readonly title: string
  /** Files that the folder has of `apps`, by their names in the folder. */
  readonly apps: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  /** A command for each: `build` may be missing; `test` stands for `start` where a test runner asks by itself. */
  readonly scripts: { readonly build?: string; readonly start?: string; readonly test?: string }
  /** The command that installs; npm's by default. */
  readonly install: string | undefined
  /** The one file that the app is built into. It runs in an empty folder. */
  readonly bundle: string | undefined
  /** Whether the app keeps its cache in Redis. */
  readonly redis: boolean
  /** Whether `npm test` tries it too. */
  readonly ci: boolean
}

export async function readCells(): Promise<readonly Cell[]> {
  const names = (await readdir(CELLS)).sort()
  return Promise.all(names.map(readCell))
}

async function readCell(name: string): Promise<Cell> {
  const folder = join(CELLS, name)
  const { dependencies, scripts, compat } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const { area, title, apps = {}, install, bundle, redis = false, ci = false } = compat
  return { name, folder, area, title, apps, dependencies, scripts, install, bundle, redis, ci }
}
