import { Cacheable, CacheEvict } from 'express-cacheable'
import {
  Authorized,
  Body,
  Delete,
  Get,
  HttpCode,
  JsonController,
  OnUndefined,
  Param,
  Post,
  Put,
  QueryParams,
} from 'routing-controllers'
import { type Pagination, pageOf } from '../../http/query.js'
import { CreateCustomerBody, CustomerListQuery, UpdateCustomerBody } from './customer.dto.js'
import type { CustomerService, ShownCustomer } from './customer.service.js'

@Authorized()
@JsonController('/customers')
export class CustomerController {
  constructor(private readonly customers: CustomerService) {}

  // Anybody may register and ask for any industry: without a limit one person could fill the store.
  @Cacheable('customers:list:{query.page|=1}:{query.limit|=10}:{query.industry|=all}', 120, {
    maxKeys: 2_000,
  })
  @Get('/')
  list(
    @QueryParams() query: CustomerListQuery,
  ): Promise<{ customers: ShownCustomer[]; pagination: Pagination }> {
    return this.customers.list(pageOf(query), query.industry)
  }

  // Stands before /:id, which would take "count" for an id.
  @Cacheable('customers:count', 300)
  @Get('/count')
  count(): Promise<{ count: number }> {
    return this.customers.count()
  }

  @Cacheable('customer:{id}', 600)
  @Get('/:id')
  get(@Param('id') id: number): Promise<ShownCustomer> {
    return this.customers.get(id)
  }

  @CacheEvict(['customers:list:*', 'customers:count'])
  @HttpCode(201)
  @Post('/')
  create(@Body({ required: true }) body: CreateCustomerBody): Promise<ShownCustomer> {
    return this.customers.create(body)
  }

  @CacheEvict(['customer:{id}', 'customers:list:*', 'customers:count'])
  @Put('/:id')
  update(
    @Param('id') id: number,
    @Body({ required: true }) body: UpdateCustomerBody,
  ): Promise<ShownCustomer> {
    return this.customers.update(id, body)
  }

  @CacheEvict(['customer:{id}', 'customers:list:*', 'customers:count'])
  @Delete('/:id')
  @OnUndefined(204)
  delete(@Param('id') id: number): Promise<void> {
    return this.customers.delete(id)
  }
}
