import type { PrismaClient } from '../prisma/generated/client.js'

const DAY_MS = 86_400_000

/** Long enough to see what has been published lately. */
const PUBLISHED_DAYS = 1

/**
 * An event that Kafka has deleted cannot come again. By default it keeps one for seven days after the last in its
 * segment, and may write to a segment for seven days.
 */
const HANDLED_DAYS = 15

/** Removes rows that no relay and no handler will look for any more. What is still to be published stays, however old. */
export async function forgetOld(prisma: PrismaClient, now = Date.now()): Promise<void> {
  const before = (days: number) => ({ lt: new Date(now - days * DAY_MS) })
  await prisma.outboxEvent.deleteMany({ where: { publishedAt: before(PUBLISHED_DAYS) } })
  await prisma.handledEvent.deleteMany({ where: { handledAt: before(HANDLED_DAYS) } })
}
