-- Gives the token of a group, which stands until anything of the group is evicted or written.
--
-- KEYS: fences
-- ARGV: group, the token to draw if there is none, life in ms
-- Returns the token.
-- include: fences

local fences = KEYS[1]
local group, token, lifetimeMs = unpack(ARGV)
return standingFence(fences, group, token, lifetimeMs)
