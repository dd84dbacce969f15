import { Cacheable, CacheEvict } from 'express-cacheable'
import {
  Authorized,
  Body,
  CurrentUser,
  Delete,
  Get,
  JsonController,
  OnUndefined,
  Param,
  Put,
  QueryParams,
} from 'routing-controllers'
import { PageQuery, type Pagination, pageOf } from '../../http/query.js'
import type { SignedInUser } from '../../http/tokens.js'
import { UpdateUserBody } from './auth.dto.js'
import type { AuthService, ShownUser } from './auth.service.js'

@JsonController('/users')
export class UsersController {
  constructor(private readonly auth: AuthService) {}

  @Cacheable('users:list:{query.page|=1}', 60, { maxKeys: 200 })
  @Authorized('admin')
  @Get('/')
  list(@QueryParams() query: PageQuery): Promise<{ users: ShownUser[]; pagination: Pagination }> {
    return this.auth.list(pageOf(query))
  }

  // Who may see a user is decided by @Authorized, which runs for hits too. A check in here would not.
  @Cacheable('user:{id}', 300)
  @Authorized(['admin', 'self'])
  @Get('/:id')
  get(@Param('id') id: number): Promise<ShownUser> {
    return this.auth.get(id)
  }

  @CacheEvict(['user:{id}', 'users:list:*'])
  @Authorized(['admin', 'self'])
  @Put('/:id')
  update(
    @Param('id') id: number,
    @Body({ required: true }) body: UpdateUserBody,
    @CurrentUser() actor: SignedInUser,
  ): Promise<ShownUser> {
    return this.auth.update(id, body, actor)
  }

  @CacheEvict(['user:{id}', 'users:list:*'])
  @Authorized('admin')
  @Delete('/:id')
  @OnUndefined(204)
  delete(@Param('id') id: number, @CurrentUser() actor: SignedInUser): Promise<void> {
    return this.auth.delete(id, actor)
  }
}
