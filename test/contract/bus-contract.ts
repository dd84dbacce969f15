import { expect } from 'chai'
import { CacheError } from '#src/errors.js'
import type { BusEvent, EventBus } from '#src/events/bus.js'
import type { EventCatalogue } from '#src/events/event-catalogue.js'
import { gate } from '../support/gate.js'
import { until } from '../support/until.js'
import { eventForTests } from '../unit/events/event-for-tests.js'

export interface BusUnderTest {
  /** A bus of the service under test; each call stands for a process of its own where the bus is shared. */
  open(options?: { events?: EventCatalogue }): EventBus
  /** A topic that no other test has. */
  topic(): string
  end(): Promise<void>
}

/** What every bus promises. */
export function describeBusContract(
  name: string,
  make: (context: Mocha.Context) => Promise<BusUnderTest>,
): void {
  describe(`${name} keeps the contract of a bus`, function () {
    this.timeout(60_000)
    let test: BusUnderTest
    let bus: EventBus
    let topic: string

    beforeEach(async function () {
      test = await make(this)
      bus = test.open()
      topic = test.topic()
    })
    afterEach(() => test.end())

    /** What handlers have noted, once there is as much of it. */
    const untilNoted = (notes: readonly unknown[], count: number) =>
      until(`${count} notes`, () => notes.length >= count, { deadlineMs: 30_000 })
    const publishAll = async (types: readonly string[], key?: string) => {
      await Promise.all(types.map((type) => bus.publish(topic, eventForTests(type), { key })))
    }
    const refusalOf = async (publication: Promise<void>) => {
      const error: unknown = await publication.then(
        () => 'was published',
        (reason: unknown) => reason,
      )
      expect(error).to.be.instanceOf(CacheError)
      expect((error as CacheError).code).to.equal('E_CACHE_BUS')
      return (error as CacheError).message
    }

    it('hands an event, as it was published, to every handler of its topic and to no other', async () => {
      const other = test.topic()
      const heard: [string, BusEvent][] = []
      await Promise.all([
        bus.subscribe(topic, (event) => void heard.push(['first', event])),
        bus.subscribe(topic, async (event) => void heard.push(['second', event])),
        bus.subscribe(other, (event) => void heard.push(['other', event])),
      ])
      const event = eventForTests('A', { text: 'ä "quoted"', nested: { list: [1, null, false] } })
      await bus.publish(topic, event)
      await untilNoted(heard, 2)
      const last = eventForTests('LAST')
      await bus.publish(other, last)
      await untilNoted(heard, 3)
      expect(heard.toSorted()).to.deep.equal([
        ['first', event],
        ['other', last],
        ['second', event],
      ])
    })

    it('handles the events of a key one after the other, in the order of publication', async () => {
      const types = Array.from({ length: 50 }, (_, index) => `E${index}`)
      const story: string[] = []
      await bus.subscribe(topic, async ({ eventType }) => {
        story.push(`${eventType} begins`)
        await new Promise((resolve) => setImmediate(resolve))
        story.push(`${eventType} ends`)
      })
      await publishAll(types, 'user:5')
      await untilNoted(story, 100)
      expect(story).to.deep.equal(types.flatMap((type) => [`${type} begins`, `${type} ends`]))
    })

    it('hears a handler that comes later, on the same topic and on another', async () => {
      const other = test.topic()
      const heard: string[] = []
      const hear = (name: string) => (event: BusEvent) => void heard.push(`${name} ${event.eventType}`)
      await bus.subscribe(topic, hear('first'))
      await publishAll(['A'])
      await untilNoted(heard, 1)
      await bus.subscribe(topic, hear('second'))
      await bus.subscribe(other, hear('other'))
      await publishAll(['B'])
      await bus.publish(other, eventForTests('C'))
      await untilNoted(heard, 4)
      expect(heard.toSorted()).to.deep.equal(['first A', 'first B', 'other C', 'second B'])
    })

    it('goes on after a handler has rejected', async () => {
      const heard: string[] = []
      await bus.subscribe(topic, ({ eventType }) => {
        if (eventType === 'A' && !heard.includes('A')) {
          heard.push('A')
          throw new Error('no')
        }
        heard.push(eventType)
      })
      await publishAll(['A', 'B'], 'user:5')
      await until('B', () => heard.includes('B'), { deadlineMs: 30_000 })
    })

    it('lets a handler publish, on its own topic too, and wait for that', async () => {
      const other = test.topic()
      const story: string[] = []
      await bus.subscribe(topic, async ({ eventType }) => {
        story.push(eventType)
        if (eventType !== 'FIRST') return
        await bus.publish(topic, eventForTests('SECOND'))
        await bus.publish(other, eventForTests('THIRD'))
      })
      await bus.subscribe(other, ({ eventType }) => void story.push(eventType))
      await bus.publish(topic, eventForTests('FIRST'))
      await untilNoted(story, 3)
      expect(story.toSorted()).to.deep.equal(['FIRST', 'SECOND', 'THIRD'])
    })

    it('hands nothing to a subscription that has been closed, and goes on with the others', async () => {
      const heard: string[] = []
      const first = await bus.subscribe(topic, ({ eventType }) => void heard.push(`first ${eventType}`))
      await bus.subscribe(topic, ({ eventType }) => void heard.push(`second ${eventType}`))
      await publishAll(['A'])
      await untilNoted(heard, 2)
      await first.close()
      await publishAll(['B'])
      await untilNoted(heard, 3)
      expect(heard.toSorted()).to.deep.equal(['first A', 'second A', 'second B'])
    })

    it('has made up for a gap before a handler of every process hears its first event', async () => {
      const story: string[] = []
      const gap = gate()
      const onGap = async () => {
        await gap.wait
        story.push('gap')
      }
      void bus.subscribe(topic, ({ eventType }) => void story.push(eventType), {
        delivery: 'every-process',
        onGap,
      })
      gap.open()
      await untilNoted(story, 1)
      await publishAll(['A'])
      await untilNoted(story, 2)
      expect(story).to.deep.equal(['gap', 'A'])
    })

    it('waits for a running handler when it is closed', async () => {
      const [started, work] = [gate(), gate()]
      let isClosed = false
      await bus.subscribe(topic, () => {
        started.open()
        return work.wait
      })
      const published = bus.publish(topic, eventForTests('A'))
      await started.wait
      const closed = bus.close().then(() => {
        isClosed = true
      })
      await new Promise((resolve) => setImmediate(resolve))
      expect(isClosed).to.equal(false)
      work.open()
      await Promise.all([closed, published])
    })

    describe('that knows its events', () => {
      beforeEach(() => {
        bus = test.open({ events: { [topic]: { A: true } } })
      })

      it('shows them', () => {
        expect(bus.events).to.deep.equal({ [topic]: { A: true } })
      })

      it('refuses what is none of them, and what is no event, and hands out neither', async () => {
        const heard: string[] = []
        await bus.subscribe(topic, ({ eventType }) => void heard.push(eventType))
        const event = eventForTests('A')
        expect(await refusalOf(bus.publish(topic, eventForTests('B')))).to.include('has no type B, it has A')
        expect(await refusalOf(bus.publish('elsewhere', event))).to.include('there is no topic elsewhere')
        expect(await refusalOf(bus.publish(topic, { ...event, eventId: '' }))).to.include('eventId is empty')
        expect(await refusalOf(bus.publish(topic, undefined as unknown as BusEvent))).to.include(
          'the event is no object',
        )
        await bus.publish(topic, event)
        await untilNoted(heard, 1)
        expect(heard).to.deep.equal(['A'])
      })

      it('lets the handler hear of it that publishes such', async () => {
        const refusals: string[] = []
        await bus.subscribe(topic, async () => {
          refusals.push(await refusalOf(bus.publish(topic, eventForTests('B'))))
        })
        await bus.publish(topic, eventForTests('A'))
        await untilNoted(refusals, 1)
      })
    })
  })
}
