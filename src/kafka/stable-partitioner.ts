import type { ICustomPartitioner } from 'kafkajs'
import kafkajs from 'kafkajs'

/**
 * Kafka's usual choice of a partition, by the key, and by the value where there is none: the same each time.
 *
 * kafkajs chooses anew when it sends a batch again. With turns, another message could then come to where one of the
 * batch has been written already, under the same sequence number; the broker would take it for a repetition and drop
 * it.
 */
export const stablePartitioner: ICustomPartitioner = () => {
  const choose = kafkajs.Partitioners.DefaultPartitioner()
  return (choice) => {
    const { key, value } = choice.message
    return choose({ ...choice, message: { ...choice.message, key: key ?? value ?? '' } })
  }
}
