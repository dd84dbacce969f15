import { IsAmount, IsId, IsNoneOf, IsText, MayBeAbsent } from '../../http/fields.js'

/** Stages that only the decision on an approval gives. */
const DECIDED = ['APPROVED', 'REJECTED']

export class CreateOpportunityBody {
  @IsText(200)
  title: string

  @IsAmount()
  amount: number

  @IsId()
  customerId: number

  @MayBeAbsent()
  @IsText(40)
  @IsNoneOf(DECIDED)
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
  @IsNoneOf(DECIDED)
  stage?: string
}

export class RequestApprovalBody {
  @IsId()
  opportunityId: number

  @IsId()
  approverId: number
}
