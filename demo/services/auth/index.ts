import type { CreateService } from '../service.js'
import { AuthController } from './auth.controller.js'
import { AuthService } from './auth.service.js'
import { UsersController } from './users.controller.js'

export const createAuthService: CreateService = ({ prisma, outbox, authentication }) => {
  const auth = new AuthService(prisma, outbox, authentication.tokens)
  return { controllers: [new AuthController(auth), new UsersController(auth)] }
}
