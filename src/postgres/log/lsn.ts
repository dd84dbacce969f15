/** A place in PostgreSQL's log, as a number and as PostgreSQL writes it. */
export function lsnFrom(text: string): bigint {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? []
  if (high === undefined || low === undefined) throw new RangeError(`${text} is no place in a log`)
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

export function lsnText(lsn: bigint): string {
  const text = (part: bigint) => part.toString(16).toUpperCase()
  return `${text(lsn >> 32n)}/${text(lsn & 0xffff_ffffn)}`
}
