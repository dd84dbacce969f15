// Which entries a full process tier should keep: hit rates of LRU and of what came after it, and what each costs.
import { median, show } from './figures.js'
import type { BarGroup } from './pictures/chart.js'
import { type Costs, costsOf } from './policies/costs.js'
import { LRU, OURS, POLICIES } from './policies/policies.js'
import { hitRateOf } from './policies/replay.js'
import { agingLife, changingLife, life, zipfWithScans } from './policies/traces.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runRounds } from './rounds.js'
import { runBench } from './run-bench.js'
import { tableOf } from './table.js'

const SEED = Number(process.env.SEED ?? 1)
const SHARES = [0.01, 0.05, 0.2]
const ROUNDS = 5
const NAMES = POLICIES.map(({ name }) => name)

await runBench(main)

async function main(): Promise<void> {
  console.log(`SEED=${SEED}`)
  const groups = [zipfWithScans, life, changingLife, agingLife].flatMap((make) => {
    const trace = make(SEED)
    return SHARES.map((share) => {
      const maxBytes = Math.floor(trace.workingSet * share)
      const rates = POLICIES.map((policy) => hitRateOf(policy, maxBytes, trace))
      const name = `${trace.name}; ${show(share * 100)} % of ${show(trace.workingSet / 1e6)} MB`
      console.log(`${name}: ${NAMES.map((policy, index) => `${policy} ${percent(rates[index])}`).join(', ')}`)
      return { name, rates }
    })
  })
  console.log('Measuring what the policies cost …')
  const costs = await runRounds(POLICIES, (policy) => costsOf(policy, SEED), { rounds: ROUNDS })

  const tables = `
Hit rate in % (to LRU, in points):

${tableOf(
  ['requests; room', ...NAMES],
  groups.map(({ name, rates }) => [
    name,
    ...rates.map((rate) => withGain(rate, rates[POLICIES.indexOf(LRU)])),
  ]),
)}

What a policy costs, of ${ROUNDS} rounds:

${tableOf(
  ['policy', 'a hit, ns', 'a miss that puts one in and another out, ns', 'bytes for each entry'],
  costs.map(({ subject, rounds }) => {
    const of = (figure: keyof Costs) => show(median(rounds.map((round) => round[figure])))
    return [subject.name, of('hitNs'), of('missNs'), of('bytesPerEntry')]
  }),
)}
`
  await reportResult('policies', {
    title: 'What a full process tier keeps: hit rates by policy',
    command: 'npm run bench:policies',
    machine: machineOf(new Date(), { seed: String(SEED) }),
    tables,
    pictures: [{ kind: 'bars', title: 'Hit rate by policy and room', unit: '%', groups: groups.map(barsOf) }],
  })
}

function barsOf({ name, rates }: { name: string; rates: readonly number[] }): BarGroup {
  const bars = POLICIES.map((policy, index) => {
    // What begins like this stands out.
    const label = policy === OURS ? `express-cacheable: ${policy.name}` : policy.name
    return { name: label, value: (rates[index] ?? Number.NaN) * 100 }
  })
  return { name, bars }
}

function percent(rate = Number.NaN): string {
  return show(rate * 100, 1)
}

function withGain(rate: number, reference = Number.NaN): string {
  if (rate === reference) return percent(rate)
  const points = (rate - reference) * 100
  return `${percent(rate)} (${points < 0 ? '−' : '+'}${show(Math.abs(points), 1)})`
}
