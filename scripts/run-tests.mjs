// Runs all tests. Those that try every order of steps, and those that wait for Kafka or Redis to go and come back, take
// minutes, so they run in a process of their own beside the others. Their output comes at the end. Arguments go to
// mocha.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LONG = [
  'build/test/consistency/interleavings.test.js',
  'build/test/consistency/cluster-commands.test.js',
  'build/test/contract/kafka-bus.test.js',
  'build/test/integration/demo-faults.test.js',
  'build/test/integration/redis-faults-data.test.js',
  'build/test/integration/redis-faults-network.test.js',
  'build/test/integration/redis-faults-server.test.js',
  'build/test/transparency/transparency.test.js',
]
const OTHERS = readdirSync('build/test', { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => `build/test/${file}`)
  .filter((file) => !LONG.includes(file))

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js')
const children = []

function run(files, stdio) {
  const child = spawn(process.execPath, [mocha, ...files, ...process.argv.slice(2)], { stdio })
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
const log = join(directory, 'long.log')
const output = openSync(log, 'w')
const long = run(LONG, ['ignore', output, output])
const others = await run(OTHERS, ['ignore', 'inherit', 'inherit'])
const longOnes = await long
process.stdout.write(readFileSync(log))
rmSync(directory, { recursive: true, force: true })
process.exit(others || longOnes)
