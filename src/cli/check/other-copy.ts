import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const PACKAGE_FILE = 'package.json'
const OWN_FOLDER = realpathSync(join(__dirname, '../../..'))

/**
 * The command of the copy of this package that a file would load, where that is another than this one: installed for the
 * whole machine, or higher up in a monorepo. Which rules stand on which routes, only the copy knows that has put them there.
 *
 * @returns `null` if it is this copy, or one without a command.
 */
export function commandOfOtherCopy(file: string): string | null {
  try {
    const requireAsFile = createRequire(file)
    const described = requireAsFile.resolve(`express-cacheable/${PACKAGE_FILE}`)
    const folder = realpathSync(dirname(described))
    const { bin } = requireAsFile(described) as { readonly bin?: Readonly<Record<string, string>> }
    const command = bin?.['express-cacheable']
    if (folder === OWN_FOLDER || command === undefined) return null
    return existsSync(join(folder, command)) ? join(folder, command) : null
  } catch {
    // There is none that can be found from there, so the application would not run either, or brings its own.
    return null
  }
}

/** Lets another copy do what this process was asked for. @returns How it has ended; `null`, if it was ended. */
export function handOver(command: string): number | null {
  const args = [...process.execArgv, command, ...process.argv.slice(2)]
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status
}
