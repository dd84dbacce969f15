import { expect } from 'chai'
import { CacheError } from '#src/errors.js'
import { createKafkaBus, type KafkaBusOptions } from '#src/kafka/index.js'
import { resolveKafkaOptions } from '#src/kafka/kafka-options.js'
import { quietLogger } from '#src/logger.js'
import { recordingLogger } from '../../support/recording-logger.js'

const LEAST = { brokers: ['localhost:9092'], groupId: 'customer-service' }

describe('the options of the Kafka bus', () => {
  it('fill in what is not said', () => {
    expect(resolveKafkaOptions(LEAST)).to.deep.equal({
      brokers: ['localhost:9092'],
      clientId: 'customer-service',
      groupId: 'customer-service',
      events: undefined,
      logger: quietLogger,
      partitions: 3,
      attempts: 10,
      initialDelayMs: 100,
      maxDelayMs: 30_000,
      ssl: undefined,
      sasl: undefined,
    })
  })

  it('take over what is said', () => {
    const given = recordingLogger()
    const options: KafkaBusOptions = {
      ...{
        brokers: ['a:1', 'b:2'],
        groupId: 'g',
        clientId: 'c',
        events: { t: { A: true } },
        logger: given,
      },
      ...{ partitions: 7, retry: { attempts: 2, initialDelayMs: 3, maxDelayMs: 4 } },
      ...{ ssl: true, sasl: { mechanism: 'plain', username: 'u', password: 'p' } },
    }
    const { retry, logger: _given, ...rest } = options
    const { logger, ...resolved } = resolveKafkaOptions(options)
    expect(resolved).to.deep.equal({ ...rest, ...retry })
    logger.warn('a line')
    expect(given.at('warn')).to.deep.equal(['a line'])
  })

  const wrong: [options: object, message: string][] = [
    [{ ...LEAST, topic: 't' }, "there is no option 'topic'. There are brokers, "],
    [{ ...LEAST, brokers: [] }, 'brokers is []. Give a list of host:port'],
    [{ ...LEAST, brokers: 'localhost:9092' }, "brokers is 'localhost:9092'"],
    [{ ...LEAST, brokers: ['kafka://localhost:9092'] }, "brokers is ['kafka://localhost:9092']"],
    [{ ...LEAST, brokers: ['localhost'] }, "brokers is ['localhost']"],
    [{ brokers: LEAST.brokers }, 'groupId is undefined. Write createKafkaBus({ brokers'],
    [{ ...LEAST, clientId: '' }, "clientId is ''"],
    [{ ...LEAST, events: 'user.events' }, 'events is no catalogue'],
    [{ ...LEAST, logger: {} }, 'the logger has no debug()'],
    [{ ...LEAST, partitions: 0 }, 'partitions is 0. Give a whole number from 1 to 10000'],
    [{ ...LEAST, retry: 5 }, 'createKafkaBus() retry: the options are no object'],
    [{ ...LEAST, retry: { times: 5 } }, "createKafkaBus() retry: there is no option 'times'"],
    [{ ...LEAST, retry: { attempts: 0 } }, 'createKafkaBus() retry: attempts is 0'],
    [{ ...LEAST, retry: { maxDelayMs: 1e12 } }, 'maxDelayMs is 1000000000000'],
  ]
  for (const [options, message] of wrong) {
    it(`say: ${message}`, () => {
      expect(() => createKafkaBus(options as KafkaBusOptions))
        .to.throw(CacheError, message)
        .with.property('code', 'E_CACHE_OPTION')
    })
  }
})
