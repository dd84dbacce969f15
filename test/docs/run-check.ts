import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PROJECT_ROOT } from '../support/project-root.js'

/** A project that has documentation and nothing else, in a folder of its own. */
export interface PaperProject {
  readonly root: string
  write(files: Readonly<Record<string, string>>): void
  remove(): void
}

export function paperProject(files: Readonly<Record<string, string>>): PaperProject {
  const root = mkdtempSync(join(tmpdir(), 'express-cacheable-docs-'))
  const write: PaperProject['write'] = (texts) => {
    for (const [file, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
  }
  write(files)
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** Runs one of the scripts as lint does. `lines` are those of its errors, or of its output where there are none. */
export function runCheck(
  script: string,
  args: readonly string[] = [],
): { status: number | null; lines: string[] } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PROJECT_ROOT, 'scripts', script), ...args],
    {
      encoding: 'utf8',
    },
  )
  return { status, lines: (stderr || stdout).trimEnd().split('\n') }
}
