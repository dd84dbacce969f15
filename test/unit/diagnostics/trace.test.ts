import { tracingChannel } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { Trace } from '#src/diagnostics/trace.js'
import { TracedMessage } from '#src/diagnostics/traced-message.js'

const STEPS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

describe('Trace', () => {
  function traced() {
    const channel = tracingChannel<unknown, TracedMessage>(`trace-test-${Math.random()}`)
    const told: string[] = []
    for (const step of STEPS) channel[step].subscribe(() => told.push(step))
    return { trace: new Trace(channel, new TracedMessage()), told }
  }

  it('tells its steps in their order, also where all is known at once', () => {
    const { trace, told } = traced()
    trace.run(() => {
      trace.settled()
      trace.ended()
      expect(told).to.deep.equal(['start'])
    })
    expect(told).to.deep.equal(['start', 'end', 'asyncStart', 'asyncEnd'])
  })

  it('gives what the operation gives, and throws what it throws', () => {
    const { trace, told } = traced()
    expect(trace.run(() => 7)).to.equal(7)
    const error = new Error('mine')
    expect(() =>
      trace.run(() => {
        throw error
      }),
    ).to.throw(error)
    expect(trace.message.error).to.equal(error)
    expect(told).to.deep.equal(['start', 'end', 'start', 'error', 'end'])
  })

  it('does not run what runs at each then', () => {
    const { trace } = traced()
    let runs = 0
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: as the queries of Knex have it
      then: () => runs++,
    }
    expect(trace.run(() => query)).to.equal(query)
    expect(runs).to.equal(0)
  })

  it('tells no failure after its end', async () => {
    const { trace, told } = traced()
    const failing = trace.run(async () => {
      trace.ended()
      await null
      throw new Error('late')
    })
    await failing.catch(() => {})
    expect(told).to.deep.equal(['start', 'end', 'asyncEnd'])
  })
})
