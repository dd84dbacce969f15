import { ForbiddenError, HttpError, UnauthorizedError } from 'routing-controllers'
import { found, foundByWrite, isDuplicate } from '../../database/errors.js'
import { presentFields, requireChanges } from '../../http/changes.js'
import { type Page, type Pagination, paginationOf, windowOf } from '../../http/query.js'
import type { SignedInUser, Tokens } from '../../http/tokens.js'
import type { Outbox } from '../../outbox/outbox.js'
import type { PrismaClient, Role } from '../../prisma/generated/client.js'
import type { LoginBody, RegisterBody, UpdateUserBody } from './auth.dto.js'
import { hashPassword, isPassword } from './passwords.js'

/** All that is ever shown of a user. */
const SHOWN = { id: true, email: true, name: true, role: true, createdAt: true } as const
const WITH_VERSION = { ...SHOWN, tokenVersion: true } as const

export interface ShownUser {
  id: number
  email: string
  name: string
  role: Role
  createdAt: Date
}

export interface SignedIn {
  token: string
  user: ShownUser
}

export class AuthService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly outbox: Outbox,
    private readonly tokens: Tokens,
  ) {}

  /** Everybody starts as `sales`; only an admin makes an admin. */
  async register({ email, name, password }: RegisterBody): Promise<SignedIn> {
    const data = { email: email.toLowerCase(), name, passwordHash: await hashPassword(password) }
    const user = await this.outbox.transaction(async (tx, publish) => {
      const created = await uniqueEmail(tx.user.create({ data, select: WITH_VERSION }))
      const { id: userId, email, name } = created
      await publish('user.events', 'USER_CREATED', { userId, email, name })
      return created
    })
    return this.signedIn(user)
  }

  async logIn({ email, password }: LoginBody): Promise<SignedIn> {
    const row = await this.prisma.user.findUnique({
      where: { email: email.toLowerCase() },
      select: { ...WITH_VERSION, passwordHash: true },
    })
    if (!(await isPassword(password, row?.passwordHash)) || !row) {
      throw new UnauthorizedError('The e-mail address or the password is wrong')
    }
    const { passwordHash: _, ...user } = row
    return this.signedIn(user)
  }

  async list(page: Page): Promise<{ users: ShownUser[]; pagination: Pagination }> {
    const [users, total] = await Promise.all([
      this.prisma.user.findMany({
        select: SHOWN,
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        ...windowOf(page),
      }),
      this.prisma.user.count(),
    ])
    return { users, pagination: paginationOf(page, total) }
  }

  async get(id: number): Promise<ShownUser> {
    return found(await this.prisma.user.findUnique({ where: { id }, select: SHOWN }), 'user')
  }

  async update(id: number, changes: UpdateUserBody, actor: SignedInUser): Promise<ShownUser> {
    requireChanges(changes)
    const { email, name, password, role } = changes
    if (role !== undefined) requireMayChangeRole(id, role, actor)
    const passwordHash = password === undefined ? undefined : await hashPassword(password)
    const { updated, endsTokens } = await this.outbox.transaction(async (tx, publish) => {
      const before = role && (await tx.user.findUnique({ where: { id }, select: { role: true } }))
      const endsTokens = passwordHash !== undefined || before?.role !== role
      const tokenVersion = endsTokens ? { increment: 1 } : undefined
      const data = presentFields({ email: email?.toLowerCase(), name, role, passwordHash, tokenVersion })
      const update = tx.user.update({ where: { id }, data, select: WITH_VERSION })
      const updated = await foundByWrite(uniqueEmail(update), 'user')
      if (endsTokens) {
        await publish('user.events', 'USER_TOKENS_ENDED', { userId: id, tokenVersion: updated.tokenVersion })
      }
      return { updated, endsTokens }
    })
    const { tokenVersion, ...user } = updated
    if (endsTokens) this.tokens.endBefore(id, tokenVersion)
    return user
  }

  async delete(id: number, actor: SignedInUser): Promise<void> {
    if (id === actor.id) throw new HttpError(409, 'You cannot delete your own account')
    await this.outbox.transaction(async (tx, publish) => {
      await foundByWrite(tx.user.delete({ where: { id } }), 'user')
      await publish('user.events', 'USER_DELETED', { userId: id })
    })
  }

  private async signedIn({ tokenVersion, ...user }: ShownUser & { tokenVersion: number }): Promise<SignedIn> {
    return { token: await this.tokens.sign({ ...user, tokenVersion }), user }
  }
}

/** Admins cannot give up their own role, so there is always one left. */
function requireMayChangeRole(id: number, role: Role, actor: SignedInUser): void {
  if (actor.role !== 'admin') throw new ForbiddenError('Only an admin changes roles')
  if (id === actor.id && role !== 'admin')
    throw new HttpError(409, 'You cannot take your own admin role away')
}

async function uniqueEmail<Row>(write: Promise<Row>): Promise<Row> {
  try {
    return await write
  } catch (error) {
    throw isDuplicate(error) ? new HttpError(409, 'The e-mail address is taken') : error
  }
}
