/** How a lease ended, as stores publish it. */
export type PublishedEnd = 'ended' | 'unshareable'

/** Stands behind the token in a message, where the lease ended so (see leases.lua). Readers load for themselves. */
const UNSHAREABLE = '!'
/** Readers look the key up again. */
const ENDED = ''

export interface LeaseMessage {
  readonly lease: string
  readonly end: PublishedEnd
}

/** What scripts append to the lease's token when they publish its end. */
export function leaseEndSuffix(end: PublishedEnd): string {
  return end === 'unshareable' ? UNSHAREABLE : ENDED
}

/** Reads a message on the channel of lease ends. */
export function leaseMessage(text: string): LeaseMessage {
  if (!text.endsWith(UNSHAREABLE)) return { lease: text, end: 'ended' }
  return { lease: text.slice(0, -UNSHAREABLE.length), end: 'unshareable' }
}
