"""What may happen to a response, each step as one transaction in Lua.

    BEGIN -> PROGRESS* -> FINISH, CANCEL or DELETE at any time

Every step but the first does nothing once the response has ended. Keys come in `KEYS`, all of one
thread; the arguments are named at the top of each script.
"""

from app.stores.connection import Script

_STATE = """
local function active(status)
  return status == 'in_progress' or status == 'queued'
end
"""
BEGIN = Script(
    _STATE
    + """
-- KEYS response, conversation, previous, supposed holder
-- ARGV id, owner, seconds, input's bytes, largest, conversation, previous, holder, chain length,
--      then fields and values
if ARGV[6] ~= '' then
  local has = redis.call('HMGET', KEYS[2], 'owner', 'holder', 'bytes')
  if has[1] ~= ARGV[2] then return 'no conversation' end
  if has[2] and has[2] ~= ARGV[1] then
    if has[2] ~= ARGV[8] then return 'held by ' .. has[2] end
    if active(redis.call('HGET', KEYS[4], 'status')) then return 'busy' end
  end
  if tonumber(has[3] or '0') + tonumber(ARGV[4]) > tonumber(ARGV[5]) then return 'large' end
  redis.call('HSET', KEYS[2], 'holder', ARGV[1])
end
local chain = ''
if ARGV[7] ~= '' then
  local has = redis.call('HMGET', KEYS[3], 'owner', 'status', 'chain')
  if has[1] ~= ARGV[2] then return 'no previous' end
  if active(has[2]) then return 'busy' end
  chain = has[3] .. ARGV[7] .. ' '
  local most = tonumber(ARGV[9]) * (#ARGV[7] + 1)
  if #chain > most then chain = string.sub(chain, -most) end
end
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'chain', chain, unpack(ARGV, 10))
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 'begun'
"""
)
PROGRESS = Script(
    _STATE
    + """
-- KEYS response; ARGV seconds, then fields and values
local has = redis.call('HMGET', KEYS[1], 'status', 'cancel')
if not active(has[1]) then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return has[2] and 0 or 1
"""
)
FINISH = Script(
    _STATE
    + """
-- KEYS response, events, conversation, order, items
-- ARGV id, seconds, events' seconds, now, status, body, output, count of frames,
--      then frames' numbers and bytes, then items' ids and JSON
local has = redis.call('HMGET', KEYS[1], 'status', 'background')
if not active(has[1]) then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[5], 'body', ARGV[6], 'output', ARGV[7])
redis.call('HDEL', KEYS[1], 'cancel')
redis.call('EXPIRE', KEYS[1], ARGV[2])
local frames = tonumber(ARGV[8])
if has[2] == '1' then
  local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
  local written = last and tonumber(string.match(last[1], '^%d+')) or 0
  local fields = {}
  local top = written
  for i = 9, 8 + 2 * frames, 2 do
    if tonumber(ARGV[i]) + 1 > written then
      fields[#fields + 1] = ARGV[i]
      fields[#fields + 1] = ARGV[i + 1]
      top = tonumber(ARGV[i]) + 1
    end
    -- Lua passes on no more than some thousand arguments.
    if #fields == 1000 or (#fields > 0 and i == 7 + 2 * frames) then
      redis.call('XADD', KEYS[2], top .. '-0', unpack(fields))
      fields = {}
    end
  end
  redis.call('XADD', KEYS[2], top .. '-1', 'end', '1')
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
if redis.call('HGET', KEYS[3], 'holder') == ARGV[1] then
  redis.call('HDEL', KEYS[3], 'holder')
  redis.call('HSET', KEYS[3], 'updated', ARGV[4])
  for i = 9 + 2 * frames, #ARGV, 2 do
    if redis.call('HSETNX', KEYS[5], ARGV[i], ARGV[i + 1]) == 1 then
      local position = redis.call('HINCRBY', KEYS[3], 'next', 1)
      redis.call('ZADD', KEYS[4], position, ARGV[i])
      redis.call('HINCRBY', KEYS[3], 'bytes', #ARGV[i + 1])
    end
  end
  for i = 3, 5 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
end
return 1
"""
)
DELETE = Script(
    """
-- KEYS response, events, trace, conversation; ARGV id, owner
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[4], 'holder') == ARGV[1] then
  redis.call('HDEL', KEYS[4], 'holder')
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return 1
"""
)
KEEP_TRACE = Script(
    """
-- KEYS trace, then the answer as a response and as a completion; ARGV owner, seconds, trace
if redis.call('HGET', KEYS[2], 'owner') ~= ARGV[1]
    and redis.call('HGET', KEYS[3], 'owner') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'trace', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
)
CANCEL = Script(
    _STATE
    + """
-- KEYS response; ARGV owner
local has = redis.call('HMGET', KEYS[1], 'owner', 'status')
if has[1] == ARGV[1] and active(has[2]) then redis.call('HSET', KEYS[1], 'cancel', '1') end
return 1
"""
)
