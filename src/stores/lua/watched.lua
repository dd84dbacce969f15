-- Whether somebody looks: the key of whoever does has an expiry.

-- 1 or 0.
local function watched(watch) return redis.call('PTTL', watch) > 0 and 1 or 0 end
