import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inFolders, installThroughApt, onPath } from './commands.js'

const DEBIAN_VERSIONS = '/usr/lib/postgresql'

let found: Promise<string | undefined> | undefined

/** The folder of PostgreSQL's programs: on the PATH, where Debian puts them, or installed through apt as root. */
export function findPostgresPrograms(): Promise<string | undefined> {
  found ??= search()
  return found
}

async function search(): Promise<string | undefined> {
  const folder = await lookFor()
  if (folder !== undefined) return folder
  return (await installThroughApt('PostgreSQL was not found', 'postgresql')) ? lookFor() : undefined
}

async function lookFor(): Promise<string | undefined> {
  // Debian puts none of the server's programs on the PATH, as several versions may be installed.
  const initdb = (await onPath('initdb')) ?? (await inFolders(await debianFolders(), 'initdb'))
  return initdb === undefined ? undefined : dirname(initdb)
}

/** The newest version first. */
async function debianFolders(): Promise<string[]> {
  const versions = await readdir(DEBIAN_VERSIONS).catch(() => [])
  return versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(DEBIAN_VERSIONS, version, 'bin'))
}
