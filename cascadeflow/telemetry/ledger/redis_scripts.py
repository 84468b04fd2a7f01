"""What `RedisLedger` asks of Redis: one script an operation, which the server carries out whole or not at all.

Every script gets all its keys declared, and no number passes through Lua but to be compared: amounts are
added by ``HINCRBY``, which is exact, and compared as doubles, which are exact up to `MOST`.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 2**53 - 1
"""Nano-USD, about 9,007,199 USD. Lua's numbers are doubles; above this two amounts may look the same."""

KEYS: Final = ("spent", "held", "holds", "open", "abandoned", "rows", "order", "ends")
"""The keys of a ledger: counters (hashes), holds by identifier, open and abandoned holds by expiry, rows by
identifier, their identifiers in order, and when the periods of counters end."""

_SHARED: Final = r"""
local spent, held, holds, open, abandoned, rows, order, ends = unpack(KEYS, 1, 8)

local function add(counter, key, amount)
    if amount ~= '0' and amount ~= '-0' then redis.call('HINCRBY', counter, key, amount) end
end

local function hold_of(id)
    local hold = redis.call('HGET', holds, id)
    if hold then return string.match(hold, '^(%d+)\n(.-)\n(.*)$') end
end

local function give_up(now)
    local overdue = redis.call('ZRANGEBYSCORE', open, '-inf', now, 'WITHSCORES')
    local found = {}
    for i = 1, #overdue, 2 do
        local id, expires = overdue[i], overdue[i + 1]
        local amount, _, keys = hold_of(id)
        for key in string.gmatch(keys, '%S+') do add(held, key, '-' .. amount) end
        redis.call('ZREM', open, id)
        redis.call('ZADD', abandoned, expires, id)
        found[#found + 1] = id
        found[#found + 1] = expires
        found[#found + 1] = redis.call('HGET', holds, id)
    end
    return found
end

local function remember(id, row, most)
    redis.call('HSET', rows, id, row)
    if redis.call('RPUSH', order, id) > tonumber(most) then
        redis.call('HDEL', rows, redis.call('LPOP', order))
    end
end
"""

RESERVE: Final = (
    _SHARED
    + r"""
local id, run, amount, expires, now, ended = unpack(ARGV, 1, 6)
give_up(now)
if redis.call('HEXISTS', holds, id) == 1 or redis.call('HEXISTS', rows, id) == 1 then return 0 end
local unused, keys = {}, {}
for i = 7, #ARGV, 3 do
    local key, cap = ARGV[i], ARGV[i + 1]
    local s, h = redis.call('HGET', spent, key), redis.call('HGET', held, key)
    if cap ~= '' and tonumber(s or 0) + tonumber(h or 0) + tonumber(amount) > tonumber(cap) then
        return (i - 4) / 3
    end
    unused[i] = not s and not h
end
for i = 7, #ARGV, 3 do
    local key, stops = ARGV[i], ARGV[i + 2]
    add(held, key, amount)
    if unused[i] and stops ~= '' then redis.call('ZADD', ends, stops, key) end
    keys[#keys + 1] = key
end
redis.call('HSET', holds, id, amount .. '\n' .. run .. '\n' .. table.concat(keys, ' '))
redis.call('ZADD', open, expires, id)
for _, key in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', ended, 'LIMIT', 0, 20)) do
    if tonumber(redis.call('HGET', held, key) or 0) == 0 then
        redis.call('HDEL', spent, key)
        redis.call('HDEL', held, key)
        redis.call('ZREM', ends, key)
    end
end
return 0
"""
)
"""ARGV: hold, run, amount, expiry, now, end of periods that may be forgotten; then key, cap, end of each claim.
Returns the number of the claim that does not fit, from 1, or 0."""

SETTLE: Final = (
    _SHARED
    + r"""
local id, amount, row, row_keys, most = unpack(ARGV, 1, 5)
if redis.call('HEXISTS', rows, id) == 1 then return false end
local hold, run, keys = hold_of(id)
local returned = '0'
if hold then
    if redis.call('ZREM', open, id) == 1 then returned = hold end
    redis.call('ZREM', abandoned, id)
    redis.call('HDEL', holds, id)
else
    run, keys = '', row_keys
end
local after = {}
for key in string.gmatch(keys, '%S+') do
    add(spent, key, amount)
    add(held, key, '-' .. returned)
    after[#after + 1] = key
    after[#after + 1] = redis.call('HGET', spent, key) or '0'
    after[#after + 1] = redis.call('HGET', held, key) or '0'
end
if row == '' and amount == '0' then
    remember(id, '', most)
else
    remember(id, amount .. '\n' .. keys .. '\n' .. run .. '\n' .. row, most)
end
for i = 6, #ARGV, 2 do
    add(KEYS[9], ARGV[i], ARGV[i + 1])
end
if #ARGV > 5 then
    redis.call('EXPIRE', KEYS[9], KEEP_SUMS)
    redis.call('SADD', KEYS[10], KEYS[9])
end
return after
"""
).replace("KEEP_SUMS", str(400 * 86_400))
"""ARGV: hold, amount, row or nothing, its keys, rows to keep; then field and amount of each sum of the day.
KEYS[9] and KEYS[10] are the sums of the row's day, and the list of such days. Returns key, spent and held of
each counter; nothing if the hold had been settled before."""

EXPIRE: Final = _SHARED + "\nreturn give_up(ARGV[1])\n"
"""ARGV: now. Returns hold, expiry and content of each that was given up."""

RESET: Final = (
    _SHARED
    + r"""
for i = 3, #ARGV, 2 do
    local key, id = ARGV[i], ARGV[i + 1]
    local was = redis.call('HGET', spent, key)
    if was and was ~= '0' then
        redis.call('HSET', spent, key, '0')
        remember(id, '-' .. was .. '\n' .. key .. '\n\n' .. ARGV[1], ARGV[2])
    end
end
return 0
"""
)
"""ARGV: row, rows to keep; then key, and identifier of its row, of each counter."""

BALANCES: Final = (
    _SHARED
    + r"""
if ARGV[1] ~= '' then give_up(ARGV[1]) end
local found = {}
for i = 2, #ARGV do
    found[#found + 1] = redis.call('HGET', spent, ARGV[i]) or '0'
    found[#found + 1] = redis.call('HGET', held, ARGV[i]) or '0'
end
return found
"""
)
"""ARGV: now or nothing; then keys. Returns spent and held of each, all of one instant."""
