import { createRequire } from 'node:module'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { reasonOf } from '../../tools/reason-of.js'
import { CliError } from '../cli-error.js'

const EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.tsx'])
const LOADER = 'tsx'

/** Makes the process able to import a file: with the loaders that are named, or with one for TypeScript. @throws CliError */
export async function prepareFor(file: string, loaders: readonly string[]): Promise<void> {
  for (const loader of loaders) {
    const found = resolvedFrom(resolve('package.json'), loader)
    if (found === null) {
      throw new CliError(`--import ${loader} is not installed here`, `Run: npm install --save-dev ${loader}.`)
    }
    await importLoader(loader, found)
  }
  if (loaders.length > 0 || !EXTENSIONS.has(extname(file)) || hasLoader()) return
  const found = resolvedFrom(file, LOADER)
  if (found) await importLoader(LOADER, found)
  else if (!readsTypes()) {
    throw new CliError(
      `${file} is TypeScript, which this Node does not read`,
      `Run: npm install --save-dev ${LOADER}. Or name another loader by --import, or check the JavaScript that you build.`,
    )
  }
}

async function importLoader(loader: string, file: string): Promise<void> {
  try {
    await import(pathToFileURL(file).href)
  } catch (cause) {
    throw new CliError(
      `${loader} cannot be loaded: ${reasonOf(cause)}`,
      'Look whether node --import takes it.',
      cause,
    )
  }
}

function resolvedFrom(file: string, name: string): string | null {
  try {
    return createRequire(file).resolve(name)
  } catch {
    return null
  }
}

/** Whether this process was started with a loader. */
function hasLoader(): boolean {
  return `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`.includes('--import')
}

/** Since Node 22.18, of files whose types can be left out and leave JavaScript. */
function readsTypes(): boolean {
  return Boolean((process.features as { readonly typescript?: unknown }).typescript)
}
