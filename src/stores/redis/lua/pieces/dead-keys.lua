-- Listed keys whose value and lease have both expired.
-- include: lease-names
-- include: paged-index

-- Takes those out of the index that are dead among these keys of a page. Returns how many there were.
local function unlistDead(index, prefix, entry, keys)
  local dead = {}
  for _, key in ipairs(keys) do
    if redis.call('EXISTS', prefix .. key, leaseNameOf(prefix, key)) == 0 then dead[#dead + 1] = key end
  end
  unlist(index, entry, dead)
  return #dead
end
