import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { PROJECT_ROOT } from '../support/project-root.js'
import type { MarkdownExample } from './markdown-examples.js'

/** TypeScript's two kinds of decorators; everything that users may choose between. */
export type DecoratorMode = 'legacy' | 'tc39'

const COMMON = {
  target: 'es2023',
  module: 'nodenext',
  moduleDetection: 'force',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
}

const OPTIONS: Record<DecoratorMode, object> = {
  legacy: { ...COMMON, lib: ['es2023'], experimentalDecorators: true, emitDecoratorMetadata: true },
  tc39: { ...COMMON, lib: ['es2023', 'esnext.decorators'] },
}

/**
 * Compiles each example as a module of its own, all in one run of the compiler.
 *
 * They are written below `build/`, where `express-cacheable` means this package as it was built.
 *
 * @param name - The directory below `build/`, which is emptied first.
 * @returns The compiler's messages, with the place in the markdown file: `docs/keys.md:12:3 TS2304: …`.
 */
export async function compileExamples(
  name: string,
  mode: DecoratorMode,
  examples: readonly MarkdownExample[],
): Promise<string[]> {
  const directory = join(PROJECT_ROOT, 'build', name, mode)
  await rm(directory, { recursive: true, force: true })
  for (const { file, line, code } of examples) {
    const target = join(directory, `${file}.${line}.ts`)
    await mkdir(dirname(target), { recursive: true })
    // Empty lines up to the block's place: the compiler then counts as the markdown file does.
    await writeFile(target, '\n'.repeat(line - 1) + code)
  }
  const config = join(directory, 'tsconfig.json')
  await writeFile(config, JSON.stringify({ compilerOptions: OPTIONS[mode], include: ['**/*.ts'] }))

  const output = await compile(config)
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => messageInMarkdown(line, relative(PROJECT_ROOT, directory)))
}

async function compile(config: string): Promise<string> {
  const tsc = join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '--pretty', 'false', '--project', config]
  try {
    await promisify(execFile)(process.execPath, args, { cwd: PROJECT_ROOT })
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return stdout + stderr || `${basename(tsc)} failed: ${error}`
  }
}

function messageInMarkdown(line: string, directory: string): string {
  const message = /^(.+)\.\d+\.ts\((\d+),(\d+)\): error (.*)$/.exec(line)
  if (message === null) return line
  const [, file = '', row, column, text] = message
  return `${relative(directory, file)}:${row}:${column} ${text}`
}
