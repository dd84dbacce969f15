import { CacheEvict } from 'express-cacheable'
import { Body, HttpCode, JsonController, Post } from 'routing-controllers'
import { LoginBody, RegisterBody } from './auth.dto.js'
import type { AuthService, SignedIn } from './auth.service.js'

@JsonController('/auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @CacheEvict('users:list:*')
  @HttpCode(201)
  @Post('/register')
  register(@Body({ required: true }) body: RegisterBody): Promise<SignedIn> {
    return this.auth.register(body)
  }

  @Post('/login')
  logIn(@Body({ required: true }) body: LoginBody): Promise<SignedIn> {
    return this.auth.logIn(body)
  }
}
