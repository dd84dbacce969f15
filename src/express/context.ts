import type { Request, Response } from 'express'
import type { AuditPasses } from '../auditing/audit-passes.js'
import type { Auditor } from '../auditing/auditor.js'
import type { Barrier } from '../checking/barrier.js'
import type { DerivedEvictions } from '../checking/derived-evictions.js'
import type { RunningLoads } from '../dependencies/load-tags.js'
import type { CacheEvent } from '../engine/cache-event.js'
import type { Engine } from '../engine/engine.js'
import type { RecentAnswers } from '../http/recent-answers.js'
import type { Representation } from '../http/representation.js'
import type { SentBodies } from '../http/sent-bodies.js'
import type { CacheableRule } from '../rules/rule.js'
import type { WholeAnswers } from './response/whole-answers.js'
import type { UserOf } from './signed-in.js'

/** What the middleware of one cache shares. */
export interface MiddlewareContext {
  readonly engine: Engine
  readonly emit: (event: CacheEvent) => void
  readonly isEnabled: boolean
  /** Asks a share of hits again, if they are to be. */
  readonly auditor: Auditor | undefined
  /** Lets requests of the command line past the cache. */
  readonly auditPasses: AuditPasses
  /** Whether what a handler reads of the request is looked at while it loads. */
  readonly watchesIdentity: boolean
  /** Whether writes are `crashSafe` whose rules do not say. */
  readonly isCrashSafe: boolean
  /** Whether rules that evict do; what a tracker sees written goes instead. */
  readonly evictsDeclared: boolean
  /** Logs what looks wrong and may be meant, once. */
  readonly warn: (warning: string) => void
  readonly maxBodyBytes: number
  /** How long a load or a write may take before others no longer wait for it. */
  readonly leaseMs: number
  /** Names of cookies that keep no answer from being stored. */
  readonly harmlessCookies: ReadonlySet<string>
  /** Names, in lower case, of headers that are for clients alone where middleware in front has set them. */
  readonly clientHeaders: ReadonlySet<string>
  readonly recentAnswers: RecentAnswers
  readonly sentBodies: SentBodies
  /** By their bodies. */
  readonly wholeAnswers: WholeAnswers<Buffer>
  /** What answers hits ahead of the application, as far as it learns from hits that go through; once there is one. */
  readonly frontLane: () => HitLearner | undefined
  readonly loads: RunningLoads
  /** What follows from commits that a tracker tells of. */
  readonly derived: DerivedEvictions
  /** What answers of writes wait for. */
  readonly barrier: Barrier
  /** How long a rule's loads take, on average. */
  readonly loadMs: (rule: CacheableRule) => number
  /** Checks all rules together before the first request is served. @throws CacheError */
  readonly verify: () => void
  /** How long an entry with this TTL is kept: with the grace of the rules that answer from the key. */
  readonly lifetimeMs: (key: string, ttlMs: number) => number
  /** Keeps a key that a function has given apart from those of other rules. @throws CacheError */
  readonly claimKey: (rule: CacheableRule, key: string) => void
  /** The option `user`; without it the framework says who is signed in. */
  readonly userOf: UserOf | undefined
}

/** Learns from hits that go through the application what an answer ahead of it has to say. */
export interface HitLearner {
  /** Called before the stored answer is sent. */
  learn(rule: CacheableRule, key: string, req: Request, res: Response, stored: Representation): void
}
