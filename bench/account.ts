import { Random } from '../test/consistency/random.js'

/** A customer as a CRM shows it by itself: with its contact, its address and a note. Made up, the same for the same id. */
export function account(id: number) {
  const random = new Random(id)
  const [first, last, street] = [random.oneOf(FIRST), random.oneOf(LAST), random.oneOf(LAST)]
  const createdAt = Date.UTC(2024, 0) + random.below(YEAR_MS)
  return {
    id,
    externalId: `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
    name: `${last} ${random.oneOf(['GmbH', 'Ltd', 'Inc', 'AG'])}`,
    contact: {
      ...{ firstName: first, lastName: last },
      email: `${first}.${last}@${last}.example`.toLowerCase(),
      phone: `+49 ${random.between({ least: 1e8, most: 1e9 })}`,
    },
    industry: random.oneOf(['software', 'energy', 'finance', 'health', 'logistics', 'retail']),
    stage: random.oneOf(['LEAD', 'QUALIFIED', 'CUSTOMER', 'LOST']),
    address: {
      street: `${street} Street ${random.between({ least: 1, most: 200 })}`,
      zip: String(random.between({ least: 10_000, most: 99_999 })),
      city: random.oneOf(['Berlin', 'Hamburg', 'Munich', 'Cologne', 'Leipzig']),
      country: 'DE',
    },
    revenue: random.below(1e7),
    notes: Array.from({ length: 12 }, () => random.oneOf(WORDS)).join(' '),
    createdAt: new Date(createdAt),
    updatedAt: new Date(createdAt + random.below(YEAR_MS)),
    ownerId: random.between({ least: 1, most: 20 }),
  }
}

const YEAR_MS = 365 * 24 * 3_600_000
const FIRST =
  'Ada Bob Cleo Dora Emil Finn Greta Hugo Ines Jonas Klara Lars Mia Nils Olga Paul Rosa Sven Tina'.split(' ')
const LAST =
  'Lovelace Miller Smith Weber Wagner Becker Koch Richter Klein Wolf Braun Lange Werner Krause'.split(' ')
const WORDS =
  'needs an offer for the new contract call back next week about delivery price too high wants a demo spoke with head of sales'.split(
    ' ',
  )

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => random.below(16).toString(16)).join('')
}
