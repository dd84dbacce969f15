const OPEN = 0x7b // {
const CLOSE = 0x7d // }

/**
 * Adds a boolean to a JSON object's text, as its last field, without parsing it. What is not an object stays
 * as it is.
 *
 * @example
 * markJson(Buffer.from('{"a":1}'), 'cached', true).toString() // '{"a":1,"cached":true}'
 */
export function markJson(body: Buffer, field: string, value: boolean): Buffer {
  const end = body.lastIndexOf(CLOSE)
  if (body[0] !== OPEN || end === -1) return body
  const isEmpty = body.subarray(1, end).toString('latin1').trim() === ''
  const addition = `${isEmpty ? '' : ','}${JSON.stringify(field)}:${value}`
  return Buffer.concat([body.subarray(0, end), Buffer.from(addition), body.subarray(end)])
}
