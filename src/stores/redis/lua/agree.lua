-- Says which dictionary all processes use for the answers of one rule.
--
-- KEYS: agreed
-- ARGV: the id of the dictionary that the caller proposes (empty: none), the id of the one that it is to take the place
--   of (empty: none), how long that counts in ms
-- Returns the id; or nil, if there is none.
-- include: owned-text

local proposed, replaced, lifetimeMs = unpack(ARGV)
local agreed, remainingMs = textAt(KEYS[1])
if proposed == '' then return agreed end
if not agreed or agreed == replaced then agreed = proposed end
redis.call('SET', KEYS[1], agreed, 'PX', math.max(remainingMs, tonumber(lifetimeMs)))
return agreed
