// Runs all tests. Those that try every order of steps keep one core busy for minutes and measure no time, so they run
// in a process of their own beside the others. Their output comes at the end. Arguments go to mocha.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const EXPLORATIONS = 'build/test/consistency/{interleavings,cluster-commands}.test.js'
/** Everything but these; a file that is named adds to what .mocharc.json names. */
const OTHERS = 'build/test/{!(consistency)/**,consistency/!(interleavings|cluster-commands).test.js}'

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js')
const children = []

function run(ignored, stdio) {
  const args = [mocha, '--ignore', ignored, ...process.argv.slice(2)]
  const child = spawn(process.execPath, args, { stdio })
  children.push(child)
  return once(child, 'exit').then(([code]) => code ?? 1)
}

// A Ctrl-C reaches them too; what else ends this process is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal)
  })
}
process.on('SIGINT', () => {})

const directory = mkdtempSync(join(tmpdir(), 'express-cacheable-tests-'))
const log = join(directory, 'explorations.log')
const output = openSync(log, 'w')
const explorations = run(OTHERS, ['ignore', output, output])
const others = await run(EXPLORATIONS, ['ignore', 'inherit', 'inherit'])
const explored = await explorations
process.stdout.write(readFileSync(log))
rmSync(directory, { recursive: true, force: true })
process.exit(others || explored)
