-- Looks for what carries one of the tags that fill ARGV from a place on.
-- include: tag-members

-- Calls found(place of the tag, key) for each member. mark: what members begin with, beside the tag. left: how many
-- members to look at. from: the key behind which to go on in the first tag (empty: at its beginning). Returns, if there
-- may be more, how many tags are done, and the key behind which to go on in the next one, otherwise false twice.
local function searchTags(set, mark, firstTag, left, from, found)
  local behind = from ~= '' and from or nil
  for nth = firstTag, #ARGV do
    local members = membersOfTag(set, mark .. ARGV[nth], behind, left)
    for _, member in ipairs(members) do found(nth - firstTag, keyOf(member)) end
    -- A tag without entries is a look, too.
    left, behind = left - math.max(#members, 1), nil
    if left <= 0 and #members > 0 then return nth - firstTag, keyOf(members[#members]) end
    if left <= 0 and nth < #ARGV then return nth - firstTag + 1, '' end
  end
  return false, false
end
