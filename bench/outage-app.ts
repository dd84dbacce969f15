import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { CacheStatistics } from 'express-cacheable'
import { CommandError } from '#demo/command-error.js'
import { atEnd } from './run-bench.js'

const APP_PROCESS = new URL('./outage-process.js', import.meta.url)

/** Starts the small app in a process of its own, which ends with the bench. @returns Its URL. */
export async function startApp(redisUrl?: string): Promise<string> {
  const child = fork(APP_PROCESS, redisUrl === undefined ? [] : [redisUrl], {
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const exited = once(child, 'exit')
  atEnd(async () => {
    if (child.connected) child.disconnect()
    await exited
  })
  const ended = exited.then(() => {
    throw new CommandError('The process of an app has ended.')
  })
  // Later, requests that fail say it.
  ended.catch(() => {})
  const [url] = await Promise.race([once(child, 'message'), ended])
  return url as string
}

export async function statsOf(url: string): Promise<CacheStatistics> {
  const answer = await fetch(`${url}/stats`)
  return (await answer.json()) as CacheStatistics
}
