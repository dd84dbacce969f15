import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Where the project is shown to readers, if its package.json says so. */
export function repositoryUrl() {
  const { repository } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
  const url = typeof repository === 'string' ? repository : repository?.url
  return url
    ?.replace(/^git\+/, '')
    .replace(/^git:/, 'https:')
    .replace(/\.git$/, '')
}
