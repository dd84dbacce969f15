import { type Clock, install } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { CommandError } from '#demo/command-error.js'
import type { Database } from '#demo/database/open-database.js'
import { waitForDatabase } from '#demo/database/wait-for-database.js'
import { recordingLogger } from '../../support/recording-logger.js'

describe('waitForDatabase', () => {
  const database = {} as Database
  let clock: Clock

  beforeEach(() => {
    clock = install()
  })

  afterEach(() => clock.uninstall())

  it('opens a database that comes later, and tells each reason why not yet once', async () => {
    const reasons = ['Refused.', 'Refused.', 'Starting.']
    const logger = recordingLogger()
    const opening = waitForDatabase(async () => {
      const reason = reasons.shift()
      if (reason) throw new CommandError(reason)
      return database
    }, logger)
    await clock.tickAsync(2_000)
    expect(await opening).to.equal(database)
    expect(logger.at('warn')).to.deep.equal([
      'Refused. Trying again for 30 s …',
      'Starting. Trying again for 30 s …',
    ])
  })

  it('gives up after half a minute, with the reason', async () => {
    let outcome: unknown
    const opening = waitForDatabase(async () => {
      throw new CommandError('Refused.')
    }, recordingLogger())
    void opening.catch((error) => {
      outcome = error
    })
    await clock.tickAsync(29_000)
    expect(outcome).to.equal(undefined)
    await clock.tickAsync(2_000)
    expect(outcome).to.be.instanceOf(CommandError).with.property('message', 'Refused.')
  })

  it('does not wait where waiting cannot help', async () => {
    const fault = new TypeError('a fault of ours')
    const outcome = await waitForDatabase(async () => {
      throw fault
    }, recordingLogger()).catch((error) => error)
    expect(outcome).to.equal(fault)
  })
})
