-- Gives the token of a group, which stands until anything of the group is evicted or written.
--
-- KEYS: fences, intents
-- ARGV: group, the token to draw if there is none, life in ms, token of the caller's own intent (empty: it has none)
-- Returns the token; one that has fallen already, where another's intent touches the group.
-- include: fences
-- include: intents

local fences, intents = unpack(KEYS)
local group, token, lifetimeMs, own = unpack(ARGV)
if touchesGroup(standingIntents(intents), group, own) then return token end
return standingFence(fences, group, token, lifetimeMs)
