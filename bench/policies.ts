import { POLICIES } from './policies/policies.js'
import { replay } from './policies/replay.js'
import { changingLife, life, zipfWithScans } from './policies/traces.js'
for (const make of [zipfWithScans, life, changingLife]) {
  const trace = make(1)
  console.log(trace.name, trace.workingSet / 1e6, trace.steps.length)
  for (const share of [0.01, 0.05, 0.2]) {
    for (const policy of POLICIES) {
      const t = performance.now()
      const r = replay(policy.create(Math.floor(trace.workingSet * share)), trace)
      console.log(share, policy.name, r, Math.round(performance.now() - t))
    }
  }
}
process.exit()
