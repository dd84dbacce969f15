import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { CommandError } from '#demo/command-error.js'

/** A folder with a package.json of its own: no dependencies of the project, and most who work on it never need them. */
export interface OwnPackages {
  /** Installs them, unless they are there. @throws {CommandError} */
  install(): Promise<void>
  /** One of them. */
  load<Module>(name: string): Promise<Module>
  /** Which versions they are. */
  versions(): string
}

/** @param folder - From `bench/`. @param what - For people: what they are for. */
export function ownPackages(folder: string, what: string): OwnPackages {
  // Seen from where this is built to.
  const home = new URL(`../../bench/${folder}/`, import.meta.url)
  const require = createRequire(new URL('package-lock.json', home))
  const { dependencies } = require('./package.json') as { dependencies: Record<string, string> }
  return {
    async install() {
      const installed = ['.package-lock.json', ...Object.keys(dependencies)]
      // What npm writes last, and what has been added since.
      if (installed.every((name) => existsSync(new URL(`node_modules/${name}`, home)))) return
      console.log(`Installing ${what} …`)
      await promisify(execFile)('npm', ['ci', '--prefix', fileURLToPath(home)]).catch((error: Error) => {
        throw new CommandError(`${what} cannot be installed: ${error.message}`)
      })
    },
    load: (name) => import(pathToFileURL(require.resolve(name)).href),
    versions() {
      return Object.entries(dependencies)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')
    },
  }
}
