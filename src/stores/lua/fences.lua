-- The fences of groups: a hash of their tokens.
-- include: sorted-sets

-- The token of a group. It is drawn, as the token given, for a group that has none.
local function standingFence(fences, group, token, lifetimeMs)
  local standing = healed('HGET', fences, group)
  if type(standing) ~= 'string' then
    standing = token
    redis.call('HSET', fences, group, token)
  end
  redis.call('PEXPIRE', fences, lifetimeMs)
  return standing
end
