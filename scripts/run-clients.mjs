// Runs the contract of the Redis stores with each client that a cache takes, one after the other, and says at the end how
// many tests passed with each. `--client a,b`: with those alone (test/support/redis-clients.ts). Other arguments go to mocha.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { allClientKinds } from '../build/test/support/redis-clients.js'

const { values, tokens } = parseArgs({ options: { client: { type: 'string' } }, strict: false, tokens: true })
const known = allClientKinds().map(({ name }) => name)
const names = values.client?.split(',') ?? known
const strange = names.filter((name) => !known.includes(name))
if (strange.length > 0) throw new Error(`There is no client ${strange.join(', ')}, but ${known.join(', ')}`)

const FILES = ['build/test/contract/redis/*.test.js', 'build/test/contract/cluster-store.test.js']
const others = tokens
  .filter(({ kind, name }) => kind !== 'option' || name !== 'client')
  .flatMap(({ rawName, value }) => [rawName, value].filter((text) => text !== undefined))
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js')
const results = []
for (const name of names) results.push({ name, ...(await run(name)) })
for (const { name, passed, failed, seconds } of results) {
  console.log(`${name}: ${passed} passed, ${failed} failed, in ${seconds} s`)
}
process.exit(results.every(({ code }) => code === 0) ? 0 : 1)

async function run(name) {
  console.log(`\n== ${name}`)
  const begunAt = performance.now()
  const child = spawn(process.execPath, [mocha, ...FILES, '--reporter', 'dot', ...others], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, REDIS_CLIENTS: name },
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
    process.stdout.write(chunk)
  })
  const [code] = await once(child, 'close')
  const count = (word) => Number(new RegExp(`^ +(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0)
  const seconds = Math.round((performance.now() - begunAt) / 1_000)
  return { code, passed: count('passing'), failed: count('failing'), seconds }
}
