import { OutgoingMessage, type ServerResponse } from 'node:http'

const HEADERS_SENT = Object.getOwnPropertyDescriptor(OutgoingMessage.prototype, 'headersSent')?.get

/** Whether a head has been written down. Asked of Node itself: plugins of other frameworks redefine `headersSent`. */
export function isAnswered(res: ServerResponse): boolean {
  return HEADERS_SENT && res instanceof OutgoingMessage
    ? Boolean(Reflect.apply(HEADERS_SENT, res, []))
    : (res as ServerResponse).headersSent
}
