import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import type { Server } from 'node:http'
import type { AuditAccounts, AuditFinding, CacheEvent } from 'express-cacheable'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { Random } from '../../../consistency/random.js'
import { cachedRoutesOf } from '../../../support/crm-cast.js'
import { CrmClient } from '../../../support/crm-client.js'
import { CrmLoad } from '../../../support/crm-load.js'
import { KEEP_ALIVE_MS } from '../../../support/http.js'
import { hurryAudits } from '../../../support/hurried-audits.js'
import { until } from '../../../support/until.js'
import { staffOf } from '../crm-twins.js'

export interface AuditCheck {
  readonly audits: number
  readonly seed: number
  /** Told after each turn, of all so far. */
  readonly onProgress?: (accounts: AuditAccounts) => void
}

export interface AuditResult {
  readonly accounts: AuditAccounts
  /** In the healthy CRM: none is to be there. */
  readonly findings: readonly AuditFinding[]
  /** Why answers could not be compared, and how often. */
  readonly unclear: ReadonlyMap<string, number>
  /** What was planted at the end, by what it is; and whether it was found. */
  readonly planted: Readonly<Record<string, boolean>>
}

/** What takes a second and a minute: writes that are under way have evicted by then. */
const HURRIED_MS = [100, 1_000]
/** A CRM that grows for ever would be another one. */
const AUDITS_PER_CRM = 5_000
const STEPS_PER_TURN = 8
const READS_PER_TURN = 120
/** A difference is told of later, and nobody waits for that. */
const MOST_WAIT_MS = 100

/** Writes and reads through the CRM with each hit audited, until so many have been; and then makes mistakes that have to be found. */
export async function runAuditCheck({ audits, seed, onProgress }: AuditCheck): Promise<AuditResult> {
  const takeTime = hurryAudits(...HURRIED_MS)
  subscribe(REQUESTS, keepConnections)
  let total = { lookedAt: 0, agreed: 0, settled: 0, stale: 0, unclear: 0, skipped: 0, longestStaleMs: 0 }
  const findings: AuditFinding[] = []
  const unclear = new Map<string, number>()
  let planted = {}
  try {
    for (let round = 0; total.lookedAt < audits; round += 1) {
      const before = total
      const crm = await AuditedCrm.start(seed + round, unclear)
      const wanted = Math.min(AUDITS_PER_CRM, audits - before.lookedAt)
      await crm.runUntil(wanted, (accounts) => {
        total = sumOf(before, accounts)
        onProgress?.(total)
      })
      findings.push(...crm.findings())
      if (total.lookedAt >= audits) planted = await crm.plant()
      await crm.close()
    }
  } finally {
    takeTime()
    unsubscribe(REQUESTS, keepConnections)
  }
  return { accounts: total, findings, unclear, planted }
}

const REQUESTS = 'http.server.request.start'

/** While the process is busy, a connection that is kept must not end just as it is used again. */
function keepConnections(message: unknown): void {
  const { server } = message as { readonly server: Server }
  server.keepAliveTimeout = KEEP_ALIVE_MS
}

/** One CRM in this process, on PGlite, with each hit audited. */
class AuditedCrm {
  readonly #demo: RunningDemo
  readonly #load: CrmLoad
  readonly #client: CrmClient
  readonly #random: Random
  readonly #stale = new Set<string>()
  readonly #told = new EventEmitter()

  private constructor(demo: RunningDemo, load: CrmLoad, client: CrmClient, random: Random) {
    this.#demo = demo
    this.#load = load
    this.#client = client
    this.#random = random
    demo.cache.observe((event: CacheEvent) => {
      if (event.type !== 'audit') return
      if (event.outcome === 'stale') this.#stale.add(event.key)
      this.#told.emit('audit')
    })
  }

  static async start(seed: number, unclear: Map<string, number>): Promise<AuditedCrm> {
    const jwtSecret = randomBytes(32).toString('hex')
    const config = { ...DEFAULT_CONFIG, port: 0, warm: false, signInsPerMinute: 100_000, auditSample: 1 }
    const demo = await startDemo({ ...config, jwtSecret })
    demo.cache.observe((event) => {
      if (event.type !== 'audit' || event.outcome !== 'unclear') return
      const what = `${event.rule.key}: ${event.reason}`
      unclear.set(what, (unclear.get(what) ?? 0) + 1)
    })
    const client = new CrmClient(demo.url)
    const load = new CrmLoad(client, await staffOf(demo.prisma, jwtSecret), seed)
    return new AuditedCrm(demo, load, client, new Random(seed, 1_000))
  }

  /** Reads more than it writes, as hits are what is audited. */
  async runUntil(audits: number, onTurn: (accounts: AuditAccounts) => void): Promise<void> {
    while (this.#accounts().lookedAt < audits) {
      await Promise.all([this.#load.run(STEPS_PER_TURN), this.#readSome(READS_PER_TURN)])
      onTurn(this.#accounts())
    }
    await this.#settled()
    onTurn(this.#accounts())
  }

  findings(): readonly AuditFinding[] {
    return this.#demo.cache.audits()
  }

  /** Changes rows past the application, as a nightly job does, and says which of the changes audits have found. */
  async plant(): Promise<Record<string, boolean>> {
    const { prisma } = this.#demo
    const { admin } = this.#load.cast
    await this.#client.get('/api/customers/1', admin.token)
    await this.#client.get(`/api/users/${admin.id}`, admin.token)
    await prisma.customer.update({ where: { id: 1 }, data: { industry: 'planted' } })
    await prisma.user.update({ where: { id: admin.id }, data: { name: 'Planted' } })
    const planted = { 'customer:1': '/api/customers/1', [`user:${admin.id}`]: `/api/users/${admin.id}` }
    const found = () => Object.keys(planted).every((key) => this.#stale.has(key))
    const endsAt = Date.now() + 10_000
    while (!found() && Date.now() < endsAt) {
      for (const path of Object.values(planted)) await this.#client.get(path, admin.token)
    }
    return Object.fromEntries(Object.keys(planted).map((key) => [key, this.#stale.has(key)]))
  }

  close(): Promise<void> {
    return this.#demo.close()
  }

  async #readSome(reads: number): Promise<void> {
    for (let nth = 0; nth < reads; nth += 1) {
      const { path, token } = this.#random.oneOf(cachedRoutesOf(this.#load.cast))
      const signal = AbortSignal.timeout(MOST_WAIT_MS)
      const audited = once(this.#told, 'audit', { signal }).catch(() => {})
      const { xCache } = await this.#client.get(path, token)
      // A miss is not audited.
      if (xCache === 'HIT') await audited
    }
  }

  /** What waits to be looked at again has been. */
  async #settled(): Promise<void> {
    const waited = HURRIED_MS.at(-1) ?? 0
    const endsAt = Date.now() + 2 * waited
    await until('the last looks', () => Date.now() > endsAt)
  }

  #accounts(): AuditAccounts {
    const { audits } = this.#demo.cache.stats()
    if (!audits) throw new Error('the demo does not audit')
    return audits
  }
}

function sumOf(one: AuditAccounts, other: AuditAccounts): AuditAccounts {
  return {
    lookedAt: one.lookedAt + other.lookedAt,
    agreed: one.agreed + other.agreed,
    settled: one.settled + other.settled,
    stale: one.stale + other.stale,
    unclear: one.unclear + other.unclear,
    skipped: one.skipped + other.skipped,
    longestStaleMs: Math.max(one.longestStaleMs, other.longestStaleMs),
  }
}
