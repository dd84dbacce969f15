import { IsOptional } from 'class-validator'
import { IsEmailAddress, IsId, IsText, MayBeAbsent } from '../../http/fields.js'
import { LimitedPageQuery } from '../../http/query.js'

export class CustomerListQuery extends LimitedPageQuery {
  @MayBeAbsent()
  @IsText(60)
  industry?: string
}

export class CreateCustomerBody {
  @IsText(200)
  name: string

  @IsEmailAddress()
  email: string

  @IsText(60)
  industry: string

  @IsOptional()
  @IsId()
  userId?: number | null
}

export class UpdateCustomerBody {
  @MayBeAbsent()
  @IsText(200)
  name?: string

  @MayBeAbsent()
  @IsEmailAddress()
  email?: string

  @MayBeAbsent()
  @IsText(60)
  industry?: string

  @IsOptional()
  @IsId()
  userId?: number | null
}
