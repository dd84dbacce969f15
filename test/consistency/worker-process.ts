// One worker in a process of its own. It is started and stopped by messages, killed at any moment, and ends when
// the channel to the race closes: however the race ends, no worker is left behind.
import { on } from 'node:events'
import { startWorker, type WorkerMessage, type WorkerOptions } from './worker.js'

process.once('disconnect', () => process.exit())

// Where the channel has closed there is nobody to hear of it.
const tell = (message: WorkerMessage): void => void process.send?.(message, () => {})

const messages = on(process, 'message')
const [options] = (await messages.next()).value as [WorkerOptions]
const worker = await startWorker(options, tell)
// From now on there is only one thing to be told.
await messages.next()
await worker.stop()
process.disconnect()
