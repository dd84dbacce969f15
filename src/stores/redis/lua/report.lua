-- Stores what a process says of itself.
--
-- KEYS: report, questions
-- ARGV: text, life in ms, how old questions may be in ms, how many of them to return
-- Returns the questions to all processes: each with its id, a space behind it, and its text.
-- include: sorted-sets
-- include: server-time

local report, questions = unpack(KEYS)
local text, lifetimeMs, ageMs, most = unpack(ARGV)
redis.call('SET', report, text, 'PX', lifetimeMs)
local since = string.format('%.0f', timeMs() - ageMs)
return healed('ZRANGEBYSCORE', questions, since, '+inf', 'LIMIT', 0, most)
