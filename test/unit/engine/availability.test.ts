import { expect } from 'chai'
import { Availability, type AvailabilityState, SILENCES } from '#src/engine/availability.js'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { CacheError } from '#src/errors.js'

const SILENCE = new Error('silence')
const REFUSAL = new CacheError('E_CACHE_STORE_REFUSED', { problem: 'OOM', mend: 'more memory' })

function availabilityForTests() {
  const events: string[] = []
  const availability = new Availability({
    emit: (event: CacheEvent) => {
      events.push(event.type === 'circuit' ? `circuit ${event.state}` : event.type)
    },
    onSuspended: () => {
      events.push('suspended')
    },
  })
  return { availability, events }
}

function failTimes(availability: Availability, times: number, error: unknown = SILENCE): void {
  for (let count = 0; count < times; count += 1) availability.failed(error)
}

/** How each state is reached. */
const WAYS: Record<AvailabilityState, (availability: Availability) => void> = {
  up() {},
  down: (availability) => availability.failed(SILENCE),
  suspended: (availability) => failTimes(availability, SILENCES),
  probing(availability) {
    failTimes(availability, SILENCES)
    availability.probe()
  },
}

const INPUTS = {
  'an answer': (availability: Availability) => availability.answered(),
  'a silence': (availability: Availability) => availability.failed(SILENCE),
  'a refusal': (availability: Availability) => availability.failed(REFUSAL),
  'word of trouble': (availability: Availability) => availability.troubled(SILENCE),
  'a probe': (availability: Availability) => void availability.probe(),
  'a probe that finds all well': (availability: Availability) => availability.ready(),
  'a probe in vain': (availability: Availability) => availability.notReady(),
}

/** Where each input leads, and what is told; nothing stands for an input that changes nothing. */
const TRANSITIONS: Record<
  AvailabilityState,
  Partial<Record<keyof typeof INPUTS, readonly [to: AvailabilityState, ...events: string[]]>>
> = {
  up: {
    'a silence': ['down', 'store-down'],
    'a refusal': ['down', 'store-down'],
    'word of trouble': ['down', 'store-down'],
  },
  down: { 'an answer': ['up', 'store-up'] },
  suspended: { 'a probe': ['probing', 'circuit half-open'] },
  probing: {
    'a probe that finds all well': ['up', 'store-up', 'circuit closed'],
    'a probe in vain': ['suspended', 'circuit open'],
  },
}

describe('Availability', () => {
  for (const from of Object.keys(WAYS) as AvailabilityState[]) {
    for (const [what, give] of Object.entries(INPUTS) as [
      keyof typeof INPUTS,
      (typeof INPUTS)['a probe'],
    ][]) {
      const [to, ...told] = TRANSITIONS[from][what] ?? [from]
      it(`goes from ${from} to ${to} by ${what}`, () => {
        const { availability, events } = availabilityForTests()
        WAYS[from](availability)
        expect(availability.state).to.equal(from)
        events.length = 0
        give(availability)
        expect(availability.state).to.equal(to)
        expect(events).to.deep.equal(told)
      })
    }
  }

  it('goes from down to suspended by the fifth silence in a row, and tells its owner first', () => {
    const { availability, events } = availabilityForTests()
    failTimes(availability, SILENCES - 1)
    expect(availability.state).to.equal('down')
    availability.failed(SILENCE)
    expect(availability.state).to.equal('suspended')
    expect(events).to.deep.equal(['store-down', 'suspended', 'circuit open'])
  })

  it('counts silences anew after an answer, and after a probe that has found all well', () => {
    const { availability } = availabilityForTests()
    failTimes(availability, SILENCES - 1)
    availability.answered()
    failTimes(availability, SILENCES - 1)
    expect(availability.state).to.equal('down')
    availability.failed(SILENCE)
    availability.probe()
    availability.ready()
    failTimes(availability, SILENCES - 1)
    expect(availability.state).to.equal('down')
  })

  it('does not count refusals, and neither do they interrupt a row of silences', () => {
    const { availability } = availabilityForTests()
    failTimes(availability, 2 * SILENCES, REFUSAL)
    expect(availability.state).to.equal('down')
    failTimes(availability, SILENCES - 1)
    availability.failed(REFUSAL)
    availability.failed(SILENCE)
    expect(availability.state).to.equal('suspended')
  })

  it('shows as a circuit that is closed while requests send commands', () => {
    const shown = (Object.keys(WAYS) as AvailabilityState[]).map((state) => {
      const { availability } = availabilityForTests()
      WAYS[state](availability)
      return [state, availability.circuit, availability.takesCommands]
    })
    expect(shown).to.deep.equal([
      ['up', 'closed', true],
      ['down', 'closed', true],
      ['suspended', 'open', false],
      ['probing', 'half-open', false],
    ])
  })
})
