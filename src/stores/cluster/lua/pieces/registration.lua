-- Gives a listed key the tags of a value that is about to be stored.
-- include: shard-tags

-- hasRecord: whether the value comes with a record of its tags. isRenewal: whether there may be a value already.
-- Returns whether it has to be settled once it is known what has become of the value.
local function register(index, key, id, tags, hasRecord, isRenewal)
  local before = recordOf(index, key)
  if not hasRecord and not before then return false end
  local record = {
    id = id,
    own = tags,
    kept = before and tagsOf(before) or {},
    isKnown = hasRecord and (not isRenewal or before ~= nil and before.isKnown),
  }
  local text = textOf(key, record)
  -- First what may be refused for want of memory.
  addMembers(index, { text, unpack(tagMembers(key, tags)) })
  if before and before.text ~= text then redis.call('ZREM', index, before.text) end
  return not record.isKnown or #without(record.kept, record.own) > 0
end
