"""The books of one key, as Lua: what is asked and written in one step, by Redis' own clock.

    orson:{<id>}:key            hash: the key with its limits
    orson:{<id>}:key:requests   sorted set: answers begun in the last minute, by when
    orson:{<id>}:key:tokens     sorted set: `answer:tokens` of the last minute, by when
    orson:{<id>}:key:total      the sum of those
    orson:{<id>}:key:streams    sorted set: answers under way, by when their leases lapse
    orson:{<id>}:key:today      hash: day, answers, tokens, searches, micro (dollars)

Windows are logs, not buckets: no 60 seconds, wherever they begin, hold more than the limit. Money
is in whole millionths of a dollar, which add up exactly. What is over is taken out by its time and
not by Redis: a Redis whose memory is full forgets first what would expire soonest, and whoever can
fill it must not be able to have his books forgotten. So they are kept for KEPT; they are small.
"""

from app.stores.connection import Script

MICRO = 1_000_000
KEPT = 10 * 365 * 86_400
"""Seconds: longer than anything that users can put into Redis is kept."""

_BOOKS = (
    f"local kept = {KEPT}"
    + """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local day = tostring(math.floor(time[1] / 86400))
local midnight = (tonumber(day) + 1) * 86400000 - now
local function number(key, field) return tonumber(redis.call('HGET', key, field)) end
local function today(key)
  if redis.call('HGET', key, 'day') ~= day then
    redis.call('DEL', key)
    redis.call('HSET', key, 'day', day)
    redis.call('EXPIRE', key, kept)
  end
end
local function less(total, count)
  -- A sum that was lost is none below nothing.
  if redis.call('DECRBY', total, count) < 0 then redis.call('DEL', total) end
end
local function slide(tokens, total)
  local old = redis.call('ZRANGEBYSCORE', tokens, '-inf', now - 60000)
  if #old > 0 then
    local gone = 0
    for _, each in ipairs(old) do gone = gone + tonumber(string.match(each, '%d+$')) end
    redis.call('ZREMRANGEBYSCORE', tokens, '-inf', now - 60000)
    less(total, gone)
  end
  if redis.call('EXISTS', tokens) == 0 then redis.call('DEL', total) end
end
local function note(tokens, total, at, name, count)
  if count <= 0 then return end
  redis.call('ZADD', tokens, at, name .. ':' .. count)
  redis.call('INCRBY', total, count)
  redis.call('EXPIRE', tokens, kept)
  redis.call('EXPIRE', total, kept)
end
"""
)

ADMIT = Script(
    _BOOKS
    + """
-- KEYS key, requests, tokens, total, streams, today; ARGV answer, tokens wanted, lease in ms
-- Returns one line, which costs redis-py less than a list: what refuses ('no' for nothing), ms
-- until it may not; limit, used and ms of requests, of tokens, of searches; limit and used of
-- micro-dollars; tokens reserved. No limit is -1.
local record = redis.call('HMGET', KEYS[1], 'digest', 'revoked', 'requests_per_minute',
  'tokens_per_minute', 'streams', 'searches_per_day', 'search_usd_per_day')
if not record[1] or record[2] then return 'revoked 0' end
local rpm, tpm, most = tonumber(record[3]) or -1, tonumber(record[4]) or -1, tonumber(record[5])
local wanted, refused, wait = tonumber(ARGV[2]), 'no', 0
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60000)
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now)
slide(KEYS[3], KEYS[4])
today(KEYS[6])
local requests = redis.call('ZCARD', KEYS[2])
local tokens = tonumber(redis.call('GET', KEYS[4])) or 0
-- One that wants more than a minute has may have all of a minute.
if tpm >= 0 and wanted > tpm then wanted = tpm end
if rpm >= 0 and requests >= rpm then
  refused = 'requests'
  local leaves = redis.call('ZRANGE', KEYS[2], requests - rpm, requests - rpm, 'WITHSCORES')
  wait = leaves[2] + 60000 - now
elseif tpm >= 0 and tokens + wanted > tpm then
  refused = 'tokens'
  local short = tokens + wanted - tpm
  local log = redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')
  for i = 1, #log, 2 do
    short = short - tonumber(string.match(log[i], '%d+$'))
    wait = log[i + 1] + 60000 - now
    if short <= 0 then break end
  end
elseif most and redis.call('ZCARD', KEYS[5]) >= most then
  refused = 'streams'
  wait = 1000
else
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('EXPIRE', KEYS[2], kept)
  if tpm >= 0 then note(KEYS[3], KEYS[4], now, ARGV[1], wanted) end
  redis.call('ZADD', KEYS[5], now + ARGV[3], ARGV[1])
  redis.call('EXPIRE', KEYS[5], kept)
  redis.call('HINCRBY', KEYS[6], 'answers', 1)
  redis.call('HSET', KEYS[1], 'used', time[1])
  requests = requests + 1
  tokens = tokens + wanted
end
local function back(log)
  local oldest = redis.call('ZRANGE', log, 0, 0, 'WITHSCORES')[2]
  return oldest and math.max(0, oldest + 60000 - now) or 0
end
local micro = record[7] and math.floor(record[7] * 1000000 + 0.5) or -1
return table.concat({refused, wait, rpm, requests, back(KEYS[2]), tpm, tokens, back(KEYS[3]),
  tonumber(record[6]) or -1, number(KEYS[6], 'searches') or 0, midnight,
  micro, number(KEYS[6], 'micro') or 0, tpm >= 0 and wanted or 0}, ' ')
"""
)

GRANT = Script(
    _BOOKS
    + """
-- KEYS key, today; ARGV micro-dollars
-- Returns whether a search may be made, and the day on which it counts.
today(KEYS[2])
local price = tonumber(ARGV[1])
local most, usd = number(KEYS[1], 'searches_per_day'), number(KEYS[1], 'search_usd_per_day')
if most and (number(KEYS[2], 'searches') or 0) >= most then return {0, day} end
if usd and price > 0 then
  local spent = number(KEYS[2], 'micro') or 0
  if spent + price > math.floor(usd * 1000000 + 0.5) then return {0, day} end
end
redis.call('HINCRBY', KEYS[2], 'searches', 1)
redis.call('HINCRBY', KEYS[2], 'micro', price)
return {1, day}
"""
)

PAID = Script(
    """
-- KEYS today; ARGV day, micro-dollars more (or fewer) than were counted
if redis.call('HGET', KEYS[1], 'day') == ARGV[1] then
  redis.call('HINCRBY', KEYS[1], 'micro', ARGV[2])
end
return 1
"""
)

SETTLE = Script(
    _BOOKS
    + """
-- KEYS tokens, total, streams, today; ARGV answer, tokens reserved, tokens taken, whether limited
redis.call('ZREM', KEYS[3], ARGV[1])
today(KEYS[4])
redis.call('HINCRBY', KEYS[4], 'tokens', ARGV[3])
if ARGV[4] == '0' then return 1 end
slide(KEYS[1], KEYS[2])
local reserved, taken = tonumber(ARGV[2]), tonumber(ARGV[3])
local name = ARGV[1] .. ':' .. reserved
local at = redis.call('ZSCORE', KEYS[1], name)
if at then
  redis.call('ZREM', KEYS[1], name)
  less(KEYS[2], reserved)
  note(KEYS[1], KEYS[2], at, ARGV[1], math.min(reserved, taken))
end
note(KEYS[1], KEYS[2], now, ARGV[1] .. ':more', taken - reserved)
return 1
"""
)
