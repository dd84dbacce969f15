import { type ForkedProcess, forkProcess } from '../fork-process.js'
import type { Subject } from './subject.js'

/** A subject that listens. */
export interface RunningSubject {
  readonly subject: Subject
  readonly url: string
  usage(): Promise<Usage>
  stop: ForkedProcess['stop']
  readonly pid: number
}

/** What its process has used so far. */
export interface Usage {
  readonly cpuMs: number
  /** How often it has made an answer anew. */
  readonly loads: number
}

const SUBJECT_PROCESS = new URL('./subject-process.js', import.meta.url)
/** While others are measured, V8 would throw away the code that it has compiled for an idle one. */
const EXEC_ARGV = ['--no-memory-reducer']

/** Starts a process for it, which ends with the bench at the latest. */
export async function startSubject(subject: Subject, redisUrl: string): Promise<RunningSubject> {
  const child = forkProcess(SUBJECT_PROCESS, {
    what: subject.name,
    args: [subject.name, redisUrl],
    execArgv: EXEC_ARGV,
  })
  const url = await child.hear<string>()
  return { subject, url, usage: () => child.ask<Usage>(), stop: child.stop, pid: child.pid }
}
