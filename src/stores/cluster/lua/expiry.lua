-- Says when a value expires.
--
-- KEYS: value
-- ARGV: none
-- Returns the time in ms, or nil.
-- include: expiries

return expiryOf(KEYS[1])
