/**
 * A copy of bytes in memory of its own, for who keeps them: a slice, and what Node makes of a short text, would keep all
 * of the memory alive that it is a part of, up to 64 kB, of which nobody knows who counts bytes.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  own.set(bytes)
  return own
}

/** The same of bytes to which nobody writes any more: they need no copy where they are all of their memory. */
export function ownBytes(bytes: Buffer): Buffer {
  return bytes.length === bytes.buffer.byteLength ? bytes : ownCopy(bytes)
}
