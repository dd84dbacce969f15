import Redis from 'iovalkey'

export const client = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: 0, autoResubscribe: false })
export const end = () => client.quit()
