// A CommonJS application that listens and keeps a timer: `check` ends by itself all the same.
const express = require('express')
const { createCache } = require('express-cacheable')

const cache = createCache({ keyPrefix: 'shop:' })
const app = express()
const none = (_req, res) => res.json([])
app.get('/customers/:id', cache.cacheable('customer:{id}', '10m'), none)
app.get('/customers', cache.cacheable('customers:list:{query.page|1}', '2m'), none)
app.get('/feed', cache.cacheable('feed', 60), none)
app.put('/customers/:id', cache.evict(['customer:{id}', 'customers:list:*']), none)
app.listen(0, () => console.log('listening'))
setInterval(() => {}, 1_000)

module.exports = app
