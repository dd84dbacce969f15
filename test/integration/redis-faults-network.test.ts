import { type FaultCase, onFaults } from '../support/on-faults.js'

/** Waiting is what these are about: the deadline is the one that a cache has by itself. */
const cache = { deadlineMs: 50 }
const LATE = /did not answer within 50 ms/
const LOST = /lost a command|not connected|ECONNREFUSED|ECONNRESET|EPIPE/

const faults: FaultCase[] = [
  {
    name: 'connection refused',
    told: LOST,
    break: ({ proxy }) => proxy.fault('refuse'),
    heal: ({ proxy }) => proxy.heal(),
  },
  {
    name: 'connection refused from the start',
    atStart: true,
    told: /ECONNREFUSED/,
    break: ({ proxy }) => proxy.fault('refuse'),
    heal: ({ proxy }) => proxy.heal(),
  },
  {
    name: 'a black hole',
    cache,
    told: LATE,
    break: ({ proxy }) => proxy.fault('blackhole'),
    heal: ({ proxy }) => proxy.heal(),
  },
  {
    name: 'a frozen server',
    cache,
    told: LATE,
    break: ({ server }) => server.freeze(),
    heal: ({ server }) => server.thaw(),
  },
  {
    name: 'replies that are five seconds late',
    cache,
    told: LATE,
    break: ({ proxy }) => proxy.fault({ delayMs: 5_000 }),
    heal: ({ proxy }) => proxy.heal(),
  },
  {
    name: 'a reset in the middle of a reply',
    told: LOST,
    break: ({ proxy }) => proxy.fault('reset-mid-reply'),
    heal: ({ proxy }) => proxy.heal(),
  },
  {
    name: 'garbage in place of replies',
    told: /Unknown RESP type|Protocol error/,
    break: ({ proxy }) => proxy.fault('garbage'),
    heal: ({ proxy }) => proxy.heal(),
  },
]

onFaults('the network to Redis in trouble', faults)
