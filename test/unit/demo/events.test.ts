import { expect } from 'chai'
import { createEvent } from '#demo/events.js'

describe('events of the demo', () => {
  it('have an id of their own, a time, their data, and the key of what they are about', () => {
    const data = { taskId: 7, userId: 2, previousUserId: 1 }
    const { key, event } = createEvent('activity.events', 'TASK_UPDATED', data)
    expect(key).to.equal('task:7')
    expect(event).to.include({ eventType: 'TASK_UPDATED' })
    expect(event.data).to.deep.equal(data)
    expect(new Date(event.timestamp).toISOString()).to.equal(event.timestamp)
    expect(createEvent('activity.events', 'TASK_UPDATED', data).event.eventId).to.not.equal(event.eventId)
  })

  it('are refused when their data is not what the catalogue says', () => {
    expect(() => createEvent('user.events', 'USER_DELETED', { userId: 0 })).to.throw('>=1')
    expect(() => createEvent('user.events', 'USER_DELETED', { userId: 1.5 })).to.throw('Invalid integer')
    expect(() => createEvent('user.events', 'USER_DELETED', {} as { userId: number })).to.throw('userId')
  })
})
