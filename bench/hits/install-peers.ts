import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { CommandError } from '#demo/command-error.js'

/** Seen from where this is built to. They are no dependencies of the project, and most who work on it never need them. */
const PEERS = new URL('../../../bench/peers/', import.meta.url)
const LOCK = new URL('package-lock.json', PEERS)
/** What npm writes last. */
const INSTALLED = new URL('node_modules/.package-lock.json', PEERS)

/** Installs the packages that are compared with, unless they are there. @throws {CommandError} */
export async function installPeers(): Promise<void> {
  if (existsSync(INSTALLED)) return
  console.log('Installing the packages to compare with …')
  await promisify(execFile)('npm', ['ci', '--prefix', fileURLToPath(PEERS)]).catch((error: Error) => {
    throw new CommandError(`The packages to compare with cannot be installed: ${error.message}`)
  })
}

/** One of these packages. */
export function loadPeer<Module>(name: string): Promise<Module> {
  return import(pathToFileURL(createRequire(LOCK).resolve(name)).href)
}

/** Which versions they are. */
export function peerVersions(): string {
  const { dependencies } = createRequire(LOCK)('./package.json') as { dependencies: Record<string, string> }
  return Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}
