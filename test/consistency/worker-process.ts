// One worker in a process of its own. It is started and stopped by messages, killed at any moment, and ends when
// the channel to the race closes: however the race ends, no worker is left behind.
import { on } from 'node:events'
import { startWorker, type WorkerMessage, type WorkerOptions, type WorkerOrder } from './worker.js'

process.once('disconnect', () => process.exit())

// Where the channel has closed there is nobody to hear of it.
const tell = (message: WorkerMessage): void => void process.send?.(message, () => {})

const messages = on(process, 'message')
const [options] = (await messages.next()).value as [WorkerOptions]
const worker = await startWorker(options, tell)
for await (const [order] of messages as AsyncIterable<[WorkerOrder]>) {
  if (order === 'stop') break
  worker[order]()
}
await worker.stop()
process.disconnect()
