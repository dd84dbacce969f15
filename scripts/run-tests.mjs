// Runs all tests, in three processes beside each other: those that try every order of steps, or many at random; those that
// wait for Kafka or Redis to go and come back, for npm, or for demos to start; and all others, whose output is shown while they run.
// That of the rest comes at the end. Arguments go to mocha.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LONG_ONES =
  /\/(consistency\/(interleavings|cluster-commands|race|barrier-race)|contract\/(row-tags|catalogue)|integration\/(prisma|pg|tracked|follow|barrier|postgres)-[^/]*|apps\/.*|transparency\/.*)\.test\.js$/
const WAITING = [
  'build/test/contract/kafka-bus.test.js',
  'build/test/integration/demo-faults.test.js',
  'build/test/integration/demo-services.test.js',
  'build/test/integration/demo-start.test.js',
  'build/test/integration/redis-faults-data.test.js',
  'build/test/integration/redis-faults-network.test.js',
  'build/test/integration/redis-faults-server.test.js',
  'build/test/integration/redis-leaks.test.js',
  'build/test/security/in-touch.test.js',
  // These wait for npm.
  'build/test/compat/compat.test.js',
  'build/test/compat/fresh-checkout.test.js',
  'build/test/users/users.test.js',
  // These share a demo in six processes, which takes its part of the machine from the first of them to the end.
  'build/test/integration/demo-api.test.js',
  'build/test/integration/demo-chains.test.js',
  'build/test/integration/demo-keys.test.js',
  'build/test/integration/demo-trust.test.js',
  'build/test/integration/demo-web-processes.test.js',
]
const rest = readdirSync('build/test', { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => `build/test/${file}`)
  .filter((file) => !WAITING.includes(file))
  .sort()
const LONG = rest.filter((file) => LONG_ONES.test(file))
const OTHERS = rest.filter((file) => !LONG_ONES.test(file))

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
const behind = [LONG, WAITING].map((files, index) => {
  const log = join(directory, `${index}.log`)
  const output = openSync(log, 'w')
  return { log, code: run(files, ['ignore', output, output]) }
})
const codes = [await run(OTHERS, ['ignore', 'inherit', 'inherit'])]
for (const { log, code } of behind) {
  codes.push(await code)
  // To a pipe it is written bit by bit, and would be cut off by an exit.
  await new Promise((resolve) => process.stdout.write(readFileSync(log), resolve))
}
rmSync(directory, { recursive: true, force: true })
process.exit(codes.find((code) => code !== 0) ?? 0)
