import { lockDatabase } from './database/migrate.js'
import { USERS } from './people.js'
import type { Prisma, PrismaClient } from './prisma/generated/client.js'
import { hashPassword } from './services/auth/passwords.js'

export const SEEDED_CUSTOMERS = 250

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const INDUSTRIES = ['software', 'energy', 'finance', 'health', 'logistics', 'retail']
const STAGES = ['NEW', 'PROPOSAL', 'NEGOTIATION', 'WON', 'LOST']
const FIRST = ['Acme', 'Blue', 'Cedar', 'Delta', 'Ember', 'Falcon', 'Granite', 'Harbor', 'Iris', 'Juniper']
const SECOND = [
  'Works',
  'Labs',
  'Partners',
  'Systems',
  'Foods',
  'Freight',
  'Energy',
  'Care',
  'Capital',
  'Retail',
]
const ERRANDS = ['Call', 'Send the offer to', 'Prepare the review with', 'Ask for feedback from']

/**
 * Fills an empty database, all or nothing; the same data every time, with times relative to now.
 *
 * @returns Whether it was empty. One with users in it is left as it is.
 */
export async function seed(prisma: PrismaClient, password: string, now = Date.now()): Promise<boolean> {
  const passwordHash = await hashPassword(password)
  return prisma.$transaction(
    async (transaction) => {
      // Of several processes that start at once, one seeds, and the others find its data.
      await lockDatabase(transaction)
      if ((await transaction.user.count()) > 0) return false
      await insert(transaction, passwordHash, now)
      return true
    },
    { maxWait: 10_000, timeout: 60_000 },
  )
}

async function insert(
  transaction: Prisma.TransactionClient,
  passwordHash: string,
  now: number,
): Promise<void> {
  const random = seededRandom(2026)
  const select = { id: true }
  const at = (offsetMs: number) => new Date(now + offsetMs)

  const users = await transaction.user.createManyAndReturn({
    data: USERS.map((user, index) => ({ ...user, passwordHash, createdAt: at(index * 1_000 - 90 * DAY_MS) })),
    select,
  })

  const customers = await transaction.customer.createManyAndReturn({
    data: times(SEEDED_CUSTOMERS, (index) => {
      const name = `${FIRST[index % 10]} ${SECOND[Math.floor(index / 10) % 10]} ${Math.floor(index / 100) + 1}`
      return {
        name,
        email: `office@${name.toLowerCase().replaceAll(' ', '-')}.example`,
        industry: random.pick(INDUSTRIES),
        // Oldest first, so that a higher id is a newer customer.
        createdAt: at((index - SEEDED_CUSTOMERS) * 8 * HOUR_MS),
      }
    }),
    select,
  })

  await transaction.task.createMany({
    data: users.flatMap(({ id: userId }) =>
      times(20, (index) => {
        const isDone = index % 4 === 3
        const createdAt = at(-random.between(8, 30) * DAY_MS)
        return {
          title: `${random.pick(ERRANDS)} customer ${random.between(1, SEEDED_CUSTOMERS)}`,
          // Some are overdue, most are not.
          dueDate: at(random.between(-7, 21) * DAY_MS + HOUR_MS),
          status: isDone ? ('COMPLETED' as const) : ('PENDING' as const),
          createdAt,
          completedAt: isDone ? at(-random.between(1, 7) * DAY_MS) : null,
          userId,
        }
      }),
    ),
  })

  await transaction.meeting.createMany({
    data: users.flatMap(({ id: userId }) =>
      times(8, (index) => ({
        title: `Meeting with customer ${random.between(1, SEEDED_CUSTOMERS)}`,
        scheduledAt: at((index - 2) * DAY_MS + random.between(1, 9) * HOUR_MS),
        createdAt: at((index - 30) * DAY_MS),
        userId,
      })),
    ),
  })

  const opportunities = await transaction.opportunity.createManyAndReturn({
    data: times(60, (index) => ({
      title: `Opportunity ${index + 1}`,
      amount: random.between(10, 900) * 100,
      customerId: random.pick(customers).id,
      stage: random.pick(STAGES),
      // The newest is of this minute, so that there is some revenue on the first of a month too.
      createdAt: at((index - 59) * DAY_MS),
    })),
    select,
  })

  const approvals = await transaction.approval.createManyAndReturn({
    data: times(12, (index) => ({
      opportunityId: (opportunities[index] as { id: number }).id,
      requesterId: (users[(index + 1) % users.length] as { id: number }).id,
      approverId: (users[index % users.length] as { id: number }).id,
      createdAt: at((index - 12) * HOUR_MS),
    })),
  })

  await transaction.approvalHistory.createMany({
    data: approvals.map(({ id, requesterId, createdAt }) => ({
      approvalId: id,
      action: 'REQUESTED' as const,
      userId: requesterId,
      createdAt,
    })),
  })

  await transaction.notification.createMany({
    data: approvals.map(({ opportunityId, approverId, createdAt }) => ({
      userId: approverId,
      message: `Opportunity ${opportunityId} waits for your approval`,
      createdAt,
    })),
  })
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

interface Random {
  /** A whole number; both ends are possible. */
  between(low: number, high: number): number
  pick<T>(values: readonly T[]): T
}

/** The generator mulberry32: small, and the same numbers for the same seed everywhere. */
function seededRandom(start: number): Random {
  let state = start
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return { between, pick: (values) => values[between(0, values.length - 1)] as (typeof values)[number] }
}
