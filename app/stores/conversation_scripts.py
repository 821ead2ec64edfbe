"""What may happen to a conversation from outside an answer, each step as one transaction in Lua.

While an answer holds it, no item is added or taken away: the model has read those that were there.
"""

import time
from typing import Any

from app.errors import StateTooLarge
from app.stores import keys
from app.stores.connection import Script, named

LARGEST = 16 * 2**20
"""Bytes of items that one conversation, or one request, may hold: more than any model reads."""

LISTED = 10_000
"""Conversations of one owner in the list; older ones can still be had by their id."""

ADD = Script(
    """
-- KEYS conversation, order, items
-- ARGV owner, seconds, now, largest, whether it is new, metadata, then items' ids and JSON
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'created', ARGV[3], 'metadata', ARGV[6])
elseif redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 'missing'
end
if redis.call('HEXISTS', KEYS[1], 'holder') == 1 then return 'busy' end
local size = tonumber(redis.call('HGET', KEYS[1], 'bytes') or '0')
for i = 8, #ARGV, 2 do size = size + #ARGV[i] end
if size > tonumber(ARGV[4]) then
  if ARGV[5] == '1' then redis.call('DEL', KEYS[1]) end
  return 'large'
end
redis.call('HSET', KEYS[1], 'updated', ARGV[3])
for i = 7, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[3], ARGV[i], ARGV[i + 1]) == 1 then
    local position = redis.call('HINCRBY', KEYS[1], 'next', 1)
    redis.call('ZADD', KEYS[2], position, ARGV[i])
    redis.call('HINCRBY', KEYS[1], 'bytes', #ARGV[i + 1])
  end
end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
return 'added'
"""
)
UPDATE = Script(
    """
-- KEYS conversation, order, items; ARGV owner, seconds, metadata
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'metadata', ARGV[3])
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
return 1
"""
)
DELETE = Script(
    """
-- KEYS conversation, order, items; ARGV owner
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return 1
"""
)
DELETE_ITEM = Script(
    """
-- KEYS conversation, order, items; ARGV owner, item
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'missing' end
if redis.call('HEXISTS', KEYS[1], 'holder') == 1 then return 'busy' end
local item = redis.call('HGET', KEYS[3], ARGV[2])
if not item then return 'missing' end
redis.call('HDEL', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('HINCRBY', KEYS[1], 'bytes', -#item)
return 'deleted'
"""
)


def too_large() -> StateTooLarge:
    """A conversation is full."""
    return StateTooLarge(f"A conversation may hold {LARGEST // 2**20} MB; begin another.")


async def put_on_top(redis: Any, id_: str, owner: str, seconds: int) -> None:
    """Put a conversation at the top of its owner's list; called whenever it has grown."""
    key = keys.conversations(owner)
    with named():
        async with redis.pipeline(transaction=True) as together:
            together.zadd(key, {id_: time.time()})
            together.zremrangebyrank(key, 0, -LISTED - 1)
            together.expire(key, seconds)
            await together.execute()
