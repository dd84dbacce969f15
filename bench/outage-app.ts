import type { CacheStatistics } from 'express-cacheable'
import { forkProcess } from './fork-process.js'

const APP_PROCESS = new URL('./outage-process.js', import.meta.url)

/** Starts the small app in a process of its own, which ends with the bench. @returns Its URL. */
export function startApp(redisUrl?: string): Promise<string> {
  const args = redisUrl === undefined ? [] : [redisUrl]
  return forkProcess(APP_PROCESS, { what: 'The process of an app', args }).hear<string>()
}

export async function statsOf(url: string): Promise<CacheStatistics> {
  const answer = await fetch(`${url}/stats`)
  return (await answer.json()) as CacheStatistics
}
