-- Keeps a dictionary, for as long as whoever wants it longest.
--
-- KEYS: dictionary
-- ARGV: its bytes, how long in ms
-- include: owned-text

local _, remainingMs = textAt(KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', math.max(remainingMs, tonumber(ARGV[2])))
