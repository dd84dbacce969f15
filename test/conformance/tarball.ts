import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PROJECT_ROOT } from '../support/project-root.js'

/** The release that `docs/reference/http.md` reports on. */
export const PACKAGE = 'http-cache-tests@0.4.5'
const INTEGRITY =
  'sha512-DjuwN9nUZXLTW+wav1LRESCZNVxl8SshwOy4z1pxuWbWt5/ay6sM9QQ1lebBaDO6P1IMBoK6mdf+PuVP/QNL8A=='

const CACHE_FOLDER = join(PROJECT_ROOT, '.cache')
const run = promisify(execFile)

/** Says that the package is neither here nor to be had from the registry. */
export class TarballNotFetched extends Error {
  override readonly name = 'TarballNotFetched'
}

/**
 * Unpacks `http-cache-tests` into a folder of its own, and removes that after `use`.
 *
 * It is no dependency because it depends on all of npm 6; what is used of it needs none of its dependencies.
 * The tarball is fetched once. A new folder for each use gives each a fresh copy of its modules' state.
 *
 * @throws {TarballNotFetched} where there is no registry to fetch it from.
 */
export async function withHttpCacheTests<Result>(
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  const tarball = await fetchTarball()
  return withTemporaryFolder(async (folder) => {
    await run('tar', ['-xzf', tarball, '-C', folder])
    return use(join(folder, 'package'))
  })
}

/** The verified tarball in the cache folder. @throws {TarballNotFetched} */
async function fetchTarball(): Promise<string> {
  const tarball = join(CACHE_FOLDER, `${PACKAGE.replace('@', '-')}.tgz`)
  const cached = await readFile(tarball).catch(() => null)
  if (cached) {
    verify(cached, tarball)
    return tarball
  }
  await mkdir(CACHE_FOLDER, { recursive: true })
  // Beside its place, so that it can be moved there whole.
  return withTemporaryFolder(async (folder) => {
    const packed = join(folder, await npmPack(folder))
    verify(await readFile(packed), packed)
    await rename(packed, tarball)
    return tarball
  }, CACHE_FOLDER)
}

async function npmPack(folder: string): Promise<string> {
  try {
    const { stdout } = await run('npm', [
      ...['pack', PACKAGE, '--json', '--pack-destination', folder],
      ...['--fetch-retries=0', '--fetch-timeout=30000'],
    ])
    return JSON.parse(stdout)[0].filename
  } catch (error) {
    throw new TarballNotFetched(`npm pack ${PACKAGE} failed`, { cause: error })
  }
}

function verify(bytes: Buffer, file: string): void {
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
  if (integrity !== INTEGRITY) throw new Error(`${file} is not ${PACKAGE}: its integrity is ${integrity}`)
}

async function withTemporaryFolder<Result>(
  use: (folder: string) => Promise<Result>,
  parent = tmpdir(),
): Promise<Result> {
  const folder = await mkdtemp(join(parent, 'http-cache-tests-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
