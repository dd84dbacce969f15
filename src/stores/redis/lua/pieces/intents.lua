-- The intents of writes that are under way: a hash of what each will evict, by the token of the write. It has the time
-- from which on the intent is void, the selectors (see eviction-arguments.lua), and the groups that they touch.
--
-- While an intent stands, nothing is there that it covers: the script that enters it begins to remove all that is
-- there, leases too, and after that no lookup gets a lease, `set` stores nothing and no fence of the groups stands.
-- include: sorted-sets
-- include: eviction-arguments
-- include: server-time

-- Enters an intent. groupsAt: where ARGV names the groups whose fences fall.
local function enterIntent(intents, token, lifetimeMs, selectors, groupsAt)
  local count, groups = tonumber(ARGV[groupsAt]), {}
  for nth = 1, count do groups[nth] = ARGV[groupsAt + nth] end
  local text = cmsgpack.pack({ timeMs() + lifetimeMs, selectors, count, groups })
  healed('HSET', intents, token, text)
  outlive(intents, lifetimeMs)
end

local function endIntent(intents, token) healed('HDEL', intents, token) end

-- What others may have written there is no intent.
local function readIntent(text)
  local isRead, intent = pcall(cmsgpack.unpack, text)
  if not isRead or type(intent) ~= 'table' then return nil end
  local voidAt, selectors, count, groups = unpack(intent)
  if type(voidAt) ~= 'number' or type(selectors) ~= 'table' then return nil end
  if type(count) ~= 'number' or type(groups) ~= 'table' then return nil end
  return { voidAt = voidAt, selectors = selectors, ofAll = count < 0, groups = groups }
end

-- All that stand. What is void goes.
local function standingIntents(intents)
  local fields, standing = healed('HGETALL', intents), {}
  local now = #fields > 0 and timeMs()
  for at = 1, #fields, 2 do
    local intent = readIntent(fields[at + 1])
    if intent and now < intent.voidAt then
      intent.token = fields[at]
      standing[#standing + 1] = intent
    else
      redis.call('HDEL', intents, fields[at])
    end
  end
  return standing
end

local function covers(selector, key)
  local start = selector.start
  if isSearch(selector) then return string.sub(key, 1, #start) == start and isCovered(selector, key) end
  return key == start or string.sub(key, 1, #start + 1) == start .. '#'
end

-- Whether one of these intents covers a key, so that nothing may be stored under it.
local function isIntended(standing, key)
  for _, intent in ipairs(standing) do
    for _, selector in ipairs(intent.selectors) do
      if covers(selector, key) then return true end
    end
  end
  return false
end

-- Whether one of these intents, other than one's own, touches a group.
local function touchesGroup(standing, group, own)
  for _, intent in ipairs(standing) do
    if intent.token ~= own and intent.ofAll then return true end
    for _, touched in ipairs(intent.groups) do
      if intent.token ~= own and touched == group then return true end
    end
  end
  return false
end
