/**
 * An error that Redis has sent. ioredis gives it a name. Of node-redis it is told by its text, which begins with a word in
 * capitals, as the protocol has it: the names of its classes do not survive every bundler.
 */
export function isErrorReply(cause: unknown): cause is Error {
  if (!(cause instanceof Error)) return false
  return cause.name === 'ReplyError' || (!('code' in cause) && /^[A-Z][A-Z0-9_]+ /.test(cause.message))
}

/** Whether Redis has said that it does not know, or not any more, a script that was asked for by its hash. */
export function isUnknownScript(cause: unknown): boolean {
  return isErrorReply(cause) && cause.message.startsWith('NOSCRIPT')
}

/** The reply that a trouble of a client comes from, if it is one. That of a cluster has it from the last server asked. */
export function errorReplyIn(trouble: unknown): Error | null {
  if (isErrorReply(trouble)) return trouble
  if (!(trouble instanceof Error && 'lastNodeError' in trouble)) return null
  return isErrorReply(trouble.lastNodeError) ? trouble.lastNodeError : null
}
