import {
  Authorized,
  Body,
  Get,
  HttpCode,
  JsonController,
  Param,
  Post,
  Put,
  QueryParams,
} from 'routing-controllers'
import { LimitedPageQuery, type Pagination, pageOf } from '../../http/query.js'
import { CreateOpportunityBody, UpdateOpportunityBody } from './opportunity.dto.js'
import type { OpportunityService, ShownOpportunity } from './opportunity.service.js'

/** Nothing here is cached; what depends on opportunities elsewhere is evicted by their events. */
@Authorized()
@JsonController('/opportunities')
export class OpportunityController {
  constructor(private readonly opportunities: OpportunityService) {}

  @Get('/')
  list(
    @QueryParams() query: LimitedPageQuery,
  ): Promise<{ opportunities: ShownOpportunity[]; pagination: Pagination }> {
    return this.opportunities.list(pageOf(query))
  }

  @HttpCode(201)
  @Post('/')
  create(@Body({ required: true }) body: CreateOpportunityBody): Promise<ShownOpportunity> {
    return this.opportunities.create(body)
  }

  @Put('/:id')
  update(
    @Param('id') id: number,
    @Body({ required: true }) body: UpdateOpportunityBody,
  ): Promise<ShownOpportunity> {
    return this.opportunities.update(id, body)
  }
}
