import type { ResolvedOptions } from '../options.js'
import { resolveOptions } from '../options.js'
import { toMilliseconds } from '../rules/duration.js'
import { CliError } from './cli-error.js'
import type { CommandOption, OptionValues } from './command.js'

/** Of each command that looks into a Redis. */
export const REDIS_OPTIONS: Readonly<Record<string, CommandOption>> = {
  redis: {
    type: 'string',
    short: 'r',
    value: '<url>',
    help: 'The Redis to look into; without it, REDIS_URL',
  },
  prefix: {
    type: 'string',
    short: 'p',
    value: '<text>',
    help: "The cache's keyPrefix, such as crm:; without it, none",
  },
  timeout: { type: 'string', value: '<time>', help: 'How long Redis may take to answer; 5s' },
}

export const JSON_OPTION: Readonly<Record<string, CommandOption>> = {
  json: { type: 'boolean', help: 'Print JSON, for programs' },
}

const TIMEOUT = '5s'

/**
 * The options of a cache that a command looks into.
 *
 * @throws CliError where no Redis is named, or what is given cannot be used.
 */
export function cacheOptionsOf(options: OptionValues, env: NodeJS.ProcessEnv = process.env): ResolvedOptions {
  const redis = options.text('redis') ?? env.REDIS_URL
  if (!redis) {
    throw new CliError(
      'no Redis is named',
      'Add --redis redis://localhost:6379, or set REDIS_URL. What a cache without Redis holds, its own process alone can show.',
    )
  }
  return resolveOptions({
    redis,
    keyPrefix: options.text('prefix') ?? '',
    deadlineMs: durationOf('--timeout', options.text('timeout') ?? TIMEOUT),
  })
}

/** @throws CliError */
export function durationOf(flag: string, text: string): number {
  try {
    return toMilliseconds(text, flag)
  } catch (cause) {
    throw new CliError(`${flag} ${text} is no length of time`, 'Write seconds, or 500ms, 5s, 1m.', cause)
  }
}

/** A whole number that is not negative. @throws CliError */
export function countOf(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new CliError(`${flag} ${text} is no whole number`, `Write ${flag} 100.`)
}
