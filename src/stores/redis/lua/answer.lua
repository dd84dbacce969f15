-- Stores what a process answers.
--
-- KEYS: answer
-- ARGV: text, life in ms
-- Returns nothing.

redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
