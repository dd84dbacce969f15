import { setTimeout as sleep } from 'node:timers/promises'
import type { BusEvent, EventBus, Logger } from 'express-cacheable'
import { reasonOf } from '../database/errors.js'
import type { PrismaClient } from '../prisma/generated/client.js'
import type { ServiceName } from '../service-names.js'
import { forgetOld } from './forget-old.js'
import { RelayLease } from './relay-lease.js'

const LOOK_EVERY_MS = 1_000
const FORGET_EVERY_MS = 3_600_000
const RENEW_EVERY_MS = 1_500
const ANOTHER_RELAYS_MS = 50
const LONGEST_PAUSE_MS = 8_000
const CLOSE_DEADLINE_MS = 2_000
const BATCH = 100

export interface RelayParts {
  readonly prisma: PrismaClient
  readonly bus: EventBus
  /** Whose events it publishes. */
  readonly services: readonly ServiceName[]
  readonly logger: Logger
}

/**
 * Publishes what the outbox holds, in the order of its numbers, and marks it. An event whose mark was lost is published
 * again, which is why handlers remember what they have handled.
 *
 * Nothing is published while a transaction of ours is open: handlers may wait for the only connection there is.
 */
export class Relay {
  private readonly lease: RelayLease
  private timers: NodeJS.Timeout[] = []
  private running: Promise<void> | undefined
  private readonly asked = new Set<string>()
  private isClosed = false
  private failures = 0
  private pausedUntil = 0

  constructor(private readonly parts: RelayParts) {
    this.lease = new RelayLease(parts.prisma)
  }

  /** From now on it also publishes what a process has left that died, and what could not be published before. */
  start(): void {
    void this.look()
    void this.forget()
    this.timers = [
      setInterval(() => void this.lookByTheClock(), LOOK_EVERY_MS),
      setInterval(() => void this.forget(), FORGET_EVERY_MS),
    ]
    for (const timer of this.timers) timer.unref()
  }

  /** With a bus inside the process, waits until the service's events have been handled, and what follows from them. */
  async afterCommit(service: ServiceName): Promise<void> {
    const published = this.look([service])
    if (!this.parts.bus.isShared) await published
  }

  /**
   * Resolves once nothing is pending of these services, nor of those that were asked for meanwhile, or publishing has
   * failed and is tried again later. Never rejects.
   */
  look(services: readonly string[] = this.parts.services): Promise<void> {
    for (const service of services) this.asked.add(service)
    this.running ??= this.work()
    return this.running
  }

  /** Publishes what it can in two seconds. What is left stays for another process, or the next start. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer)
    await Promise.race([this.look(), sleep(CLOSE_DEADLINE_MS, undefined, { ref: false })])
    this.isClosed = true
    // One that is still publishing has no more right to: another process may go on at once.
    await this.lease.giveBack().catch(() => {})
  }

  private async work(): Promise<void> {
    do {
      const services = [...this.asked]
      this.asked.clear()
      await this.tryToPublish(services)
    } while (this.asked.size > 0)
    this.running = undefined
  }

  private async tryToPublish(services: readonly string[]): Promise<void> {
    if (Date.now() < this.pausedUntil) return
    try {
      await this.publishPending(services)
      if (this.failures > 0) this.parts.logger.info('The events of the outbox are published again')
      this.failures = 0
    } catch (error) {
      this.pauseAfter(error)
    }
  }

  private pauseAfter(error: unknown): void {
    this.pausedUntil = Date.now() + Math.min(LOOK_EVERY_MS * 2 ** this.failures, LONGEST_PAUSE_MS)
    this.failures += 1
    if (this.failures > 1 || this.isClosed) return
    const what = 'Events cannot be published, and wait in the outbox'
    this.parts.logger.warn(`${what}: ${reasonOf(error)}`)
  }

  private async publishPending(services: readonly string[]): Promise<void> {
    let left = services
    while (left.length > 0 && !this.isClosed) {
      const held = await this.lease.take(left)
      if (held.length > 0) await this.publishHeld(held)
      // Another process is about to publish these. If it has died, its lease ends.
      left = await this.pendingOf(left.filter((service) => !held.includes(service)))
      if (left.length > 0) await sleep(ANOTHER_RELAYS_MS)
    }
  }

  private async pendingOf(services: readonly string[]): Promise<string[]> {
    if (services.length === 0) return []
    const groups = await this.parts.prisma.outboxEvent.groupBy({
      by: 'service',
      where: { service: { in: [...services] }, publishedAt: null },
    })
    return groups.map(({ service }) => service)
  }

  /** One statement where there is nothing to do, as nearly always. */
  private async lookByTheClock(): Promise<void> {
    const { services } = this.parts
    await this.look(await this.pendingOf(services).catch(() => services))
  }

  /** The lease is given back each time, so that no process waits for another's timer. */
  private async publishHeld(services: readonly string[]): Promise<void> {
    let isOurs = true
    const renewal = setInterval(async () => {
      if (this.isClosed) return clearInterval(renewal)
      const renewed = await this.lease.take(services).catch(() => [])
      isOurs = isOurs && renewed.length === services.length
    }, RENEW_EVERY_MS)
    try {
      let count = BATCH
      while (count === BATCH) count = await this.publishBatch(services, () => isOurs && !this.isClosed)
    } finally {
      clearInterval(renewal)
      await this.lease.giveBack()
    }
  }

  /** @returns How many it has published. */
  private async publishBatch(services: readonly string[], isOurs: () => boolean): Promise<number> {
    const { prisma, bus } = this.parts
    const rows = await prisma.outboxEvent.findMany({
      where: { service: { in: [...services] }, publishedAt: null },
      orderBy: { id: 'asc' },
      take: BATCH,
    })
    for (const [index, { id, topic, key, event }] of rows.entries()) {
      if (!isOurs()) return index
      await bus.publish(topic, event as unknown as BusEvent, { key })
      await prisma.outboxEvent.updateMany({ where: { id }, data: { publishedAt: new Date() } })
    }
    return rows.length
  }

  private async forget(): Promise<void> {
    await forgetOld(this.parts.prisma).catch((error) => {
      if (!this.isClosed) this.parts.logger.warn(`Old events cannot be removed: ${reasonOf(error)}`)
    })
  }
}
