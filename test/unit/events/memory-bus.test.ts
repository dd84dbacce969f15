import { expect } from 'chai'
import type { BusEvent } from '#src/events/bus.js'
import { createMemoryBus } from '#src/events/memory-bus.js'
import { gate } from '../../support/gate.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { settled } from '../engine/engine-for-tests.js'
import { eventForTests } from './event-for-tests.js'

const CREATED = eventForTests('USER_CREATED')

describe('the memory bus', () => {
  it('hands an event to every handler of its topic, and to no other', async () => {
    const bus = createMemoryBus()
    const heard: string[] = []
    await bus.subscribe('user.events', ({ eventId }) => void heard.push(`a ${eventId}`))
    await bus.subscribe('user.events', async ({ eventId }) => void heard.push(`b ${eventId}`))
    await bus.subscribe('task.events', () => void heard.push('other'))
    await bus.publish('user.events', CREATED)
    expect(heard).to.deep.equal([`a ${CREATED.eventId}`, `b ${CREATED.eventId}`])
  })

  it('has published once all handlers have run', async () => {
    const bus = createMemoryBus()
    const work = gate()
    let isDone = false
    await bus.subscribe('user.events', async () => {
      await work.wait
      isDone = true
    })
    const published = bus.publish('user.events', CREATED)
    expect(isDone).to.equal(false)
    work.open()
    await published
    expect(isDone).to.equal(true)
  })

  it('handles the events of a topic one after the other, in the order of publication', async () => {
    const bus = createMemoryBus()
    const first = gate()
    const story: string[] = []
    await bus.subscribe('user.events', async ({ eventType }) => {
      story.push(`${eventType} begins`)
      if (eventType === 'A') await first.wait
      story.push(`${eventType} ends`)
    })
    const published = ['A', 'B', 'C'].map((type) => bus.publish('user.events', eventForTests(type)))
    first.open()
    await Promise.all(published)
    expect(story).to.deep.equal(['A begins', 'A ends', 'B begins', 'B ends', 'C begins', 'C ends'])
  })

  it('does not let one topic wait for another', async () => {
    const bus = createMemoryBus()
    const slow = gate()
    await bus.subscribe('slow', () => slow.wait)
    const waiting = bus.publish('slow', CREATED)
    await bus.publish('quick', CREATED)
    slow.open()
    await waiting
  })

  it('logs what a handler throws, and goes on with the others and the next event', async () => {
    const logger = recordingLogger()
    const bus = createMemoryBus({ logger })
    const heard: string[] = []
    await bus.subscribe('user.events', () => {
      throw new Error('at once')
    })
    await bus.subscribe('user.events', async () => {
      throw 'a text'
    })
    await bus.subscribe('user.events', ({ eventType }) => void heard.push(eventType))
    await bus.publish('user.events', CREATED)
    await bus.publish('user.events', eventForTests('USER_DELETED'))
    expect(heard).to.deep.equal(['USER_CREATED', 'USER_DELETED'])
    expect(logger.at('error')).to.deep.equal([
      'A handler of USER_CREATED on user.events failed: at once',
      'A handler of USER_CREATED on user.events failed: a text',
      'A handler of USER_DELETED on user.events failed: at once',
      'A handler of USER_DELETED on user.events failed: a text',
    ])
  })

  it('lets a handler publish on its own topic and await that, without waiting for itself', async () => {
    const bus = createMemoryBus()
    const story: string[] = []
    await bus.subscribe('user.events', async ({ eventType }) => {
      story.push(`${eventType} begins`)
      if (eventType === 'FIRST') {
        await Promise.resolve()
        await bus.publish('user.events', eventForTests('SECOND'))
      }
      story.push(`${eventType} ends`)
    })
    await bus.publish('user.events', eventForTests('FIRST'))
    // Whoever published first has waited for what follows from it.
    expect(story).to.deep.equal(['FIRST begins', 'FIRST ends', 'SECOND begins', 'SECOND ends'])
  })

  it('has published once what handlers published on other topics has been handled too', async () => {
    const bus = createMemoryBus()
    const work = gate()
    const story: string[] = []
    await bus.subscribe('user.events', () => bus.publish('task.events', eventForTests('TASK_CREATED')))
    await bus.subscribe('task.events', async () => {
      await bus.publish('mail.events', eventForTests('MAIL_SENT'))
      story.push('task')
    })
    await bus.subscribe('mail.events', async () => {
      await work.wait
      story.push('mail')
    })
    const published = bus.publish('user.events', CREATED).then(() => story.push('published'))
    await settled()
    expect(story).to.deep.equal(['task'])
    work.open()
    await published
    expect(story).to.deep.equal(['task', 'mail', 'published'])
  })

  it('hands nothing to a subscription that has been closed', async () => {
    const bus = createMemoryBus()
    const heard: string[] = []
    const first = await bus.subscribe('user.events', () => void heard.push('first'))
    await bus.subscribe('user.events', () => void heard.push('second'))
    await first.close()
    await bus.publish('user.events', CREATED)
    expect(heard).to.deep.equal(['second'])
  })

  it('publishes to nobody without complaint', async () => {
    const logger = recordingLogger()
    await createMemoryBus({ logger }).publish('user.events', CREATED)
    expect(logger.lines).to.deep.equal([])
  })

  describe('when it is closed', () => {
    it('waits for what has been published, also by handlers meanwhile', async () => {
      const bus = createMemoryBus()
      const work = gate()
      const heard: string[] = []
      const hear = ({ eventType }: BusEvent) => void heard.push(eventType)
      await bus.subscribe('user.events', async (event) => {
        await work.wait
        hear(event)
        if (event.eventType === 'B') await bus.publish('task.events', eventForTests('C'))
      })
      await bus.subscribe('task.events', async (event) => {
        await Promise.resolve()
        hear(event)
        await bus.publish('user.events', eventForTests('D'))
      })
      void bus.publish('user.events', eventForTests('A'))
      void bus.publish('user.events', eventForTests('B'))
      const closed = bus.close()
      work.open()
      await closed
      expect(heard).to.deep.equal(['A', 'B', 'C', 'D'])
    })

    it('waits for what a handler publishes after it has ended, as long as others still run', async () => {
      const bus = createMemoryBus()
      const [later, slow, last] = [gate(), gate(), gate()]
      let isClosed = false
      await bus.subscribe(
        'early',
        () => void later.wait.then(() => bus.publish('late', eventForTests('LATE'))),
      )
      await bus.subscribe('slow', () => slow.wait)
      await bus.subscribe('late', () => last.wait)
      await bus.publish('early', CREATED)
      void bus.publish('slow', CREATED)
      const closed = bus.close().then(() => {
        isClosed = true
      })
      later.open()
      await settled()
      slow.open()
      await settled()
      expect(isClosed).to.equal(false)
      last.open()
      await closed
    })

    it('says so when somebody publishes all the same, and does not throw', async () => {
      const logger = recordingLogger()
      const bus = createMemoryBus({ logger })
      let heard = 0
      await bus.subscribe('user.events', () => void heard++)
      await bus.close()
      await bus.publish('user.events', CREATED)
      expect(heard).to.equal(0)
      expect(logger.at('error')).to.deep.equal([
        'The bus is closed, and USER_CREATED on user.events reaches nobody',
      ])
    })
  })
})
