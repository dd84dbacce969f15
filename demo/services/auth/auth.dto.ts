import { IsString } from 'class-validator'
import { IsEmailAddress, IsNewPassword, IsOneOf, IsText, MayBeAbsent } from '../../http/fields.js'
import { Role } from '../../prisma/generated/client.js'

export class RegisterBody {
  @IsEmailAddress()
  email: string

  @IsText(100)
  name: string

  @IsNewPassword()
  password: string
}

export class LoginBody {
  @IsString({ message: 'must be a text' })
  email: string

  @IsString({ message: 'must be a text' })
  password: string
}

export class UpdateUserBody {
  @MayBeAbsent()
  @IsEmailAddress()
  email?: string

  @MayBeAbsent()
  @IsText(100)
  name?: string

  @MayBeAbsent()
  @IsNewPassword()
  password?: string

  @MayBeAbsent()
  @IsOneOf(Object.values(Role))
  role?: Role
}
