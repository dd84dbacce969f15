import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** From below those that systems give to outgoing connections, any of which may take one meanwhile. */
const [LOWEST, HIGHEST] = [10_000, 32_000]

/** A loopback port that was free a moment ago, for a process that cannot choose one itself. */
export function freePort(): Promise<number> {
  return freePortsInARow(1)
}

/** So many different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}

/** The first of so many free ports in a row. */
export async function freePortsInARow(count: number): Promise<number> {
  for (;;) {
    const first = randomInt(LOWEST, HIGHEST - count)
    const ports = Array.from({ length: count }, (_, index) => first + index)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  await once(probe.close(), 'close')
  return true
}
