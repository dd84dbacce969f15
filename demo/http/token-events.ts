import { OnEvent } from 'express-cacheable'
import type { CrmEvent } from '../events.js'
import type { PrismaClient } from '../prisma/generated/client.js'
import type { Tokens } from './tokens.js'

/** Ends tokens in this process when another one has changed a password or a role. */
export class TokenEvents {
  constructor(private readonly tokens: Tokens) {}

  @OnEvent('user.events', 'USER_TOKENS_ENDED', { delivery: 'every-process' })
  onTokensEnded({ data }: CrmEvent<'user.events', 'USER_TOKENS_ENDED'>): void {
    this.tokens.endBefore(data.userId, data.tokenVersion)
  }
}

/** What was ended before this process was there. */
export async function endOldTokens(tokens: Tokens, prisma: PrismaClient): Promise<void> {
  const users = await prisma.user.findMany({
    where: { tokenVersion: { gt: 0 } },
    select: { id: true, tokenVersion: true },
  })
  for (const { id, tokenVersion } of users) tokens.endBefore(id, tokenVersion)
}
