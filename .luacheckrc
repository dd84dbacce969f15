-- What Redis 6 and later offer to scripts: Lua 5.1 without files, processes and modules.
stds.redis = {
  globals = {},
  read_globals = {
    'KEYS', 'ARGV',
    redis = {
      fields = {
        'call', 'pcall', 'error_reply', 'status_reply', 'sha1hex', 'log', 'setresp', 'set_repl', 'replicate_commands',
        'breakpoint', 'debug', 'LOG_DEBUG', 'LOG_VERBOSE', 'LOG_NOTICE', 'LOG_WARNING',
        'REPL_ALL', 'REPL_AOF', 'REPL_REPLICA', 'REPL_SLAVE', 'REPL_NONE',
      },
    },
    cjson = { fields = { 'encode', 'decode', 'encode_sparse_array', 'decode_array_with_array_mt', 'null' } },
    cmsgpack = { fields = { 'pack', 'unpack' } },
    struct = { fields = { 'pack', 'unpack', 'size' } },
    bit = {
      fields = {
        'tobit', 'tohex', 'bnot', 'band', 'bor', 'bxor', 'lshift', 'rshift', 'arshift', 'rol', 'ror', 'bswap',
      },
    },
    'assert', 'collectgarbage', 'error', 'getmetatable', 'ipairs', 'next', 'pairs', 'pcall', 'rawequal', 'rawget',
    'rawset', 'select', 'setmetatable', 'tonumber', 'tostring', 'type', 'unpack', 'xpcall', '_VERSION',
    'coroutine', 'math', 'string', 'table',
    os = { fields = { 'clock' } },
  },
}
std = 'redis'
max_line_length = 120
-- A piece cannot know how the scripts that include it call their own things.
ignore = { '431' }
