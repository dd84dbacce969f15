-- Asks all processes something.
--
-- KEYS: questions
-- ARGV: the question as report.lua returns it, life in ms, how many questions there may be
-- Returns 1, or 0 if there are so many already.
-- include: sorted-sets
-- include: server-time

local questions = KEYS[1]
local question, lifetimeMs, most = unpack(ARGV)
local MOST_DROPPED = 100
local now = timeMs()
local before = string.format('%.0f', now - lifetimeMs)
local old = healed('ZRANGEBYSCORE', questions, '-inf', '(' .. before, 'LIMIT', 0, MOST_DROPPED)
if #old > 0 then redis.call('ZREM', questions, unpack(old)) end
if redis.call('ZCARD', questions) >= tonumber(most) then return 0 end
redis.call('ZADD', questions, now, question)
redis.call('PEXPIRE', questions, lifetimeMs)
return 1
