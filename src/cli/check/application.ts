import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CacheParts } from '../../cache-parts.js'
import { rememberedCaches } from '../../known-caches.js'
import { reasonOf } from '../../tools/reason-of.js'
import { LATE, withinDeadline } from '../../tools/within-deadline.js'
import { CliError } from '../cli-error.js'
import { EXIT } from '../exit-codes.js'
import { formatDuration } from '../format.js'
import { isMendable, type Mendable } from '../mendable.js'
import { printable } from '../printable.js'
import type { Terminal } from '../terminal.js'
import { appsIn, everyExport, exportNamed, isApp, type Namespace } from './exports.js'
import { watchOutbursts } from './outbursts.js'
import { settle } from './settle.js'
import { prepareFor } from './typescript.js'

/** What an application has made while it was imported. */
export interface Application {
  readonly caches: readonly CacheParts[]
  /** The Express applications that it exports. */
  readonly apps: readonly object[]
  /** Mistakes in its rules that it was stopped by. */
  readonly thrown: readonly Mendable[]
}

export interface ApplicationRequest {
  /** As written on the command line. */
  readonly path: string
  /** Modules to import ahead of it. */
  readonly loaders: readonly string[]
  /** The export that is the application, or makes it. */
  readonly exportName: string | undefined
  /** How long it may take to come up. */
  readonly waitMs: number
  /** Is told of what goes wrong in it and is none of the cache's. */
  readonly terminal: Pick<Terminal, 'note' | 'atEnd'>
}

/**
 * Imports an application and waits until it makes no more rules; it may listen, or keep timers.
 *
 * @throws CliError where it cannot be imported, or has no cache.
 */
export async function importApplication(request: ApplicationRequest): Promise<Application> {
  const { path, waitMs, terminal } = request
  const tell = (line: string) => terminal.note(printable(line))
  const file = resolve(path)
  if (!existsSync(file)) {
    throw new CliError(`there is no file ${path}`, 'Name the module that makes your app: ./app.js.')
  }
  await prepareFor(file, request.loaders)
  const outbursts = watchOutbursts(path, EXIT.failed)
  terminal.atEnd(() => outbursts.end())
  const thrown: unknown[] = []
  let exported: Iterable<unknown> = []
  try {
    const loaded = await withinDeadline(load(file, request), waitMs)
    if (loaded !== LATE) exported = loaded
    else if (rulesMade() === 0) throw late(path, waitMs)
    else
      tell(
        `${path} is not up after ${formatDuration(waitMs)}, so rules may be missing; --wait gives it longer.`,
      )
    await settle(rulesMade, waitMs)
  } catch (error) {
    if (!isMendable(error)) throw error instanceof CliError ? error : notImported(path, error)
    thrown.push(error)
  } finally {
    outbursts.end()
  }
  thrown.push(...outbursts.errors)
  for (const error of thrown) if (!isMendable(error)) tell(`${path} threw: ${reasonOf(error)}`)
  const mistakes = thrown.filter(isMendable)
  const caches = cachesOfProcess()
  if (caches.length === 0 && mistakes.length === 0) throw noCache(path)
  return { caches, apps: appsIn(exported), thrown: mistakes }
}

async function load(file: string, { path, exportName }: ApplicationRequest): Promise<Iterable<unknown>> {
  const namespace: Namespace = await import(pathToFileURL(file).href)
  if (exportName === undefined) return everyExport(namespace).values()
  const value = exportNamed(namespace, exportName, path)
  if (isApp(value) || typeof value !== 'function') return [value]
  const made: unknown = await (value as () => unknown)()
  return isApp(made) || typeof made !== 'object' || made === null ? [made] : [made, ...Object.values(made)]
}

function cachesOfProcess(): CacheParts[] {
  // Another copy of this package may have made them, of about the same version.
  return rememberedCaches() as CacheParts[]
}

function rulesMade(): number {
  return cachesOfProcess().reduce((total, { registry }) => total + registry.list().length, 0)
}

function late(path: string, waitMs: number): CliError {
  return new CliError(
    `${path} is not up after ${formatDuration(waitMs)}, and has made no rule`,
    'Give it longer: --wait 60s. Or name the module that mounts your routes, and needs neither database nor port for that.',
  )
}

function notImported(path: string, error: unknown): CliError {
  const stack = error instanceof Error ? `\n${error.stack}` : ''
  return new CliError(
    `${path} cannot be imported: ${reasonOf(error)}`,
    `Give it what it needs to start, such as its environment variables; node ${path} says the same.${stack}`,
    error,
  )
}

function noCache(path: string): CliError {
  return new CliError(
    `${path} makes no cache while it is imported`,
    'Name the module that calls createCache() and mounts your routes; where a function does that, export it and add --export <name>.',
  )
}
