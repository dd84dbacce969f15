import { Server } from 'node:http'
import { nearest } from '../../tools/nearest.js'
import { CliError } from '../cli-error.js'

/** What `import()` gives. */
export type Namespace = Readonly<Record<string, unknown>>

/**
 * An export by its name, of an ES module or of a CommonJS one.
 *
 * @throws CliError where there is none.
 */
export function exportNamed(namespace: Namespace, name: string, path: string): unknown {
  const all = everyExport(namespace)
  if (all.has(name)) return all.get(name)
  const names = [...all.keys()]
  const meant = nearest(name, names)
  throw new CliError(
    `${path} has no export '${name}'`,
    names.length === 0
      ? 'It exports nothing: export its Express app.'
      : `${meant ? `Did you mean '${meant}'? ` : ''}It exports ${names.join(', ')}.`,
  )
}

/** The Express applications among what a module exports, or within one value. */
export function appsIn(values: Iterable<unknown>): object[] {
  return [...new Set([...values].flatMap(appsOf))]
}

/** By their names; of a CommonJS module, whatever compiled it, what it has put on `exports`. */
export function everyExport(namespace: Namespace): ReadonlyMap<string, unknown> {
  const { default: inner } = namespace
  const ofCommonJs = isObject(inner) ? Object.entries(inner) : []
  return new Map([...Object.entries(namespace), ...ofCommonJs])
}

/** Whether a value is an application of Express, of whichever version. */
export function isApp(value: unknown): value is object {
  if (typeof value !== 'function') return false
  return ['handle', 'use', 'set', 'listen'].every((name) => typeof Reflect.get(value, name) === 'function')
}

function appsOf(value: unknown): object[] {
  if (isApp(value)) return [value]
  return value instanceof Server ? value.listeners('request').filter(isApp) : []
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
