import { OutgoingMessage, type ServerResponse } from 'node:http'

/** Whether a head has been written down. Asked of Node itself: plugins of other frameworks redefine `headersSent`. */
export function isAnswered(res: ServerResponse): boolean {
  return res instanceof OutgoingMessage
    ? Boolean(Reflect.get(OutgoingMessage.prototype, 'headersSent', res))
    : (res as ServerResponse).headersSent
}
