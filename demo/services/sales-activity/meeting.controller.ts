import { Cacheable, CacheEvict } from 'express-cacheable'
import { Authorized, Body, CurrentUser, Get, HttpCode, JsonController, Post } from 'routing-controllers'
import type { SignedInUser } from '../../http/tokens.js'
import type { Meeting } from '../../prisma/generated/client.js'
import type { MeetingService } from './meeting.service.js'
import { CreateMeetingBody } from './sales-activity.dto.js'

@Authorized()
@JsonController('/meetings')
export class MeetingController {
  constructor(private readonly meetings: MeetingService) {}

  @Cacheable('meetings:user:{user.id}:upcoming', 120)
  @Get('/upcoming')
  upcoming(@CurrentUser() user: SignedInUser): Promise<Meeting[]> {
    return this.meetings.upcomingOf(user.id)
  }

  @CacheEvict('meetings:user:{user.id}:upcoming')
  @HttpCode(201)
  @Post('/')
  schedule(
    @Body({ required: true }) body: CreateMeetingBody,
    @CurrentUser() user: SignedInUser,
  ): Promise<Meeting> {
    return this.meetings.schedule(body, user)
  }
}
