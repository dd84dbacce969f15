import { randomUUID } from 'node:crypto'
import { createMemoryBus } from '#src/events/memory-bus.js'
import { recordingLogger } from '../support/recording-logger.js'
import { describeBusContract } from './bus-contract.js'

describeBusContract('The memory bus', async () => ({
  open: (options = {}) => createMemoryBus({ ...options, logger: recordingLogger() }),
  topic: () => randomUUID(),
  end: async () => {},
}))
