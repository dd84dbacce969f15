// Writes and reads through the CRM with each hit audited, and prints what audits have found. Exit code 1 says that they
// found something in the healthy CRM, or not what was planted at the end.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runAuditCheck } from './audit-check.js'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { audits: text, seed: text, help: { type: 'boolean' } } })
if (values.help) {
  console.log(`
npm run audit:check -- [options]

  --audits 100000   how many hits are asked again
  --seed            repeats the choices of the run that printed it`)
  process.exit(0)
}
const audits = Number(values.audits ?? 100_000)
const seed = Number(values.seed ?? randomInt(2 ** 31))
const TOLD_EACH = 2_000
console.log(`seed ${seed}`)
const begunAt = Date.now()
let told = 0
const { accounts, findings, unclear, planted } = await runAuditCheck({
  ...{ audits, seed },
  onProgress({ lookedAt, agreed, settled, stale, unclear, skipped }) {
    if (lookedAt < told + TOLD_EACH && lookedAt < audits) return
    told = lookedAt
    const seconds = Math.round((Date.now() - begunAt) / 1_000)
    console.log(
      `${seconds} s: ${lookedAt} looked at, ${agreed} agreed, ${settled} settled, ${stale} stale, ${unclear} unclear; ${skipped} skipped`,
    )
  },
})
for (const [what, count] of unclear) console.log(`unclear, ${count} times: ${what}`)
for (const finding of findings) console.log(JSON.stringify(finding))
for (const [key, isFound] of Object.entries(planted)) {
  console.log(`planted: ${key} ${isFound ? 'found' : 'NOT FOUND'}`)
}
console.log(`\n${accounts.lookedAt} audits of the healthy CRM: ${findings.length} findings`)
process.exitCode = findings.length === 0 && Object.values(planted).every(Boolean) ? 0 : 1
