import type { AuditedAnswer } from '../auditing/audited-answer.js'
import type { AskedAgain, AuditedHit } from '../auditing/auditor.js'
import { LoadTags, type RunningLoads } from '../dependencies/load-tags.js'
import type { RuleLabel } from '../engine/cache-event.js'
import { JSON_TYPE } from '../http/representation.js'
import { LATE, withinDeadline } from '../tools/within-deadline.js'
import type { Codec } from './serializer.js'

/** A call whose function can be run once more. */
interface RepeatableCall {
  readonly where: string
  readonly rule: RuleLabel
  readonly key: string
  readonly codec: Codec
  readonly load: () => unknown
}

interface Surroundings {
  readonly loads: RunningLoads
  readonly leaseMs: number
}

/** A value that was given from the cache, and how to run its function once more, for nobody. */
export function auditedCall(call: RepeatableCall, surroundings: Surroundings, value: Buffer): AuditedHit {
  const { rule, key } = call
  return {
    ...{ rule, key },
    served: async () => answerOf(value),
    stored: async (bytes) => answerOf(bytes),
    ask: () => askAgain(call, surroundings),
  }
}

async function askAgain(
  { load, codec, where }: RepeatableCall,
  { loads, leaseMs }: Surroundings,
): Promise<AskedAgain> {
  try {
    // What it is made of, it is made of for nobody.
    const loaded = await withinDeadline(loads.settle(new LoadTags(), load), leaseMs)
    if (loaded === LATE) return { unclear: 'the function took too long' }
    return { answer: answerOf(codec.encode(loaded, where)) }
  } catch {
    return { unclear: 'the function failed' }
  }
}

/** A text of another serializer that is no JSON is compared by its bytes. */
function answerOf(body: Buffer): AuditedAnswer {
  return { status: 200, contentType: JSON_TYPE, body }
}
