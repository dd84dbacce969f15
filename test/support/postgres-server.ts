import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openDatabase } from '#demo/database/open-database.js'
import { startProcess } from './child-process.js'
import { freePort } from './free-port.js'
import { findPostgresPrograms } from './postgres-launcher.js'
import { until } from './until.js'

export interface PostgresServer {
  /** Of its first database, for the role that may do anything. */
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** Says that this machine has no PostgreSQL and no way to get one. */
export class PostgresNotFound extends Error {
  override readonly name = 'PostgresNotFound'
}

/** What a test writes need not survive a power failure. */
const IN_A_HURRY = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** It tells of what it commits, which it does not by itself. */
const FOLLOWED = ['wal_level=logical']

/**
 * Starts a PostgreSQL on a loopback port and waits until it answers. It ends with `stop()`, or with this process.
 *
 * @param more - Settings such as `max_wal_senders=2`; they come last, and of two for the same the last counts.
 * @throws {PostgresNotFound} where there is no PostgreSQL to start.
 */
export async function startPostgres(more: readonly string[] = []): Promise<PostgresServer> {
  const programs = await findPostgresPrograms()
  if (programs === undefined) throw new PostgresNotFound('no initdb, and no apt as root')
  const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-postgres-'))
  const port = await freePort()
  await makeCluster(programs, directory)
  const settings = [
    ...[`listen_addresses=127.0.0.1`, `port=${port}`, 'unix_socket_directories='],
    ...IN_A_HURRY,
    ...FOLLOWED,
    ...more,
  ]
  const server = asPostgres(join(programs, 'postgres'), [
    ...['-D', directory],
    ...settings.flatMap((setting) => ['-c', setting]),
  ])
  const child = await startProcess(server.command, server.args, { cwd: directory, removes: directory })
  const stop = async () => {
    // Its fast shutdown: the SIGTERM of the lifeline alone would wait for clients to leave.
    if (child.exitCode() === undefined) process.kill(child.pid, 'SIGINT')
    await child.stop()
  }
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
  try {
    await until('PostgreSQL to answer', async () => {
      if (child.exitCode() !== undefined) throw new Error('postgres ended at once')
      return answers(url)
    })
  } catch (error) {
    await stop()
    throw new Error(`PostgreSQL did not start on port ${port}: ${child.output()}`, { cause: error })
  }
  return { url, pid: child.pid, stop }
}

async function makeCluster(programs: string, directory: string): Promise<void> {
  const run = promisify(execFile)
  if (isRoot()) await run('chown', ['postgres', directory])
  const initdb = asPostgres(join(programs, 'initdb'), [
    ...['-D', directory, '--username=postgres', '--auth=trust'],
    ...['--encoding=UTF8', '--no-locale', '--no-sync'],
  ])
  await run(initdb.command, initdb.args, { cwd: directory })
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await openDatabase(url)).close()
    return true
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root; its package has made a user for it. */
function asPostgres(program: string, args: readonly string[]): { command: string; args: readonly string[] } {
  if (!isRoot()) return { command: program, args }
  const become = ['--reuid=postgres', '--regid=postgres', '--clear-groups']
  return { command: 'setpriv', args: [...become, program, ...args] }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
