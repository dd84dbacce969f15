import { expect } from 'chai'
import kafkajs, { type Message, type PartitionMetadata } from 'kafkajs'
import { stablePartitioner } from '#src/kafka/stable-partitioner.js'

const PARTITIONS = Array.from(
  { length: 5 },
  (_, partitionId): PartitionMetadata => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }),
)

describe('stablePartitioner', () => {
  const partitionOf = (message: Message, choose = stablePartitioner()) =>
    choose({ topic: 'user.events', partitionMetadata: PARTITIONS, message })
  const values = Array.from({ length: 200 }, (_, index) => `value ${index}`)

  const keyless: [what: string, messageOf: (value: string) => Message][] = [
    ['no key', (value) => ({ value })],
    ['a key that is null', (value) => ({ key: null, value: Buffer.from(value) })],
  ]
  for (const [what, messageOf] of keyless) {
    it(`chooses the same partition each time for a message with ${what}, and different ones for different values`, () => {
      const choose = stablePartitioner()
      const first = values.map((value) => partitionOf(messageOf(value), choose))
      expect(values.map((value) => partitionOf(messageOf(value), choose))).to.deep.equal(first)
      expect(values.map((value) => partitionOf(messageOf(value)))).to.deep.equal(first)
      expect(new Set(first).size).to.equal(PARTITIONS.length)
    })
  }

  it('chooses as others do for a message with a key', () => {
    const usual = kafkajs.Partitioners.DefaultPartitioner()
    for (const key of values) {
      expect(partitionOf({ key, value: 'a' })).to.equal(partitionOf({ key, value: 'b' }, usual))
    }
  })

  it('chooses one for a message with neither key nor value', () => {
    expect(partitionOf({ value: null })).to.equal(partitionOf({ key: null, value: null }))
  })
})
