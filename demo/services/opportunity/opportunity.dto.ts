import { IsAmount, IsId, IsText, MayBeAbsent } from '../../http/fields.js'

export class CreateOpportunityBody {
  @IsText(200)
  title: string

  @IsAmount()
  amount: number

  @IsId()
  customerId: number

  @MayBeAbsent()
  @IsText(40)
  stage?: string
}

export class UpdateOpportunityBody {
  @MayBeAbsent()
  @IsText(200)
  title?: string

  @MayBeAbsent()
  @IsAmount()
  amount?: number

  @MayBeAbsent()
  @IsId()
  customerId?: number

  @MayBeAbsent()
  @IsText(40)
  stage?: string
}

export class RequestApprovalBody {
  @IsId()
  opportunityId: number

  @IsId()
  approverId: number
}
