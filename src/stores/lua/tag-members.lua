-- Members of a sorted set that say which entry carries which tag: `<tag>\0<key>`. No tag has a zero byte.
-- include: sorted-sets

-- Lua gives a function no more arguments than some thousands.
local MOST_ARGUMENTS = 1000

local function memberOf(tag, key) return tag .. '\0' .. key end

local function keyOf(member) return string.match(member, '^%Z*%z(.*)$') end

-- The tags of a text that has them with a zero byte between them.
local function tagsIn(text)
  local tags = {}
  for tag in string.gmatch(text or '', '%Z+') do tags[#tags + 1] = tag end
  return tags
end

-- Takes members out of a set. Returns how many were there.
local function removeMembers(set, members)
  local removed = 0
  for first = 1, #members, MOST_ARGUMENTS do
    removed = removed + redis.call('ZREM', set, unpack(members, first, math.min(first + MOST_ARGUMENTS - 1, #members)))
  end
  return removed
end

-- Up to count members of one tag, from a key on or, where it is nil, from its beginning.
local function membersOfTag(set, tag, behind, count)
  local after = behind and '(' .. memberOf(tag, behind) or '[' .. memberOf(tag, '')
  return healed('ZRANGEBYLEX', set, after, '(' .. tag .. '\1', 'LIMIT', 0, count)
end
