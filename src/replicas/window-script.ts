import { script } from './script.ts'

/**
 * One exchange of a replica with the shared window of a token: a hash with the calls that ended by second (`e:`), and what
 * each replica holds (`r:`): its calls under way and its permits.
 *
 * KEYS: the window. ARGV: the replica, the number of this exchange, calls under way, permits in hand, calls that ended since
 * the last exchange, calls that wait, the limit, the expected replicas, the most and the fewest permits of an idle replica,
 * 1 if the replica leaves, a name for the window if it is new.
 *
 * A replica that is silent without having left may be cut off from Redis, and then uses its share. So its share is kept for an hour,
 * unless another replica has taken its place.
 *
 * Returns: permits granted, calls left, permits that an idle replica should hold, ms until a call stops to count, 1 if the
 * window may not know all calls yet, the replicas, the name of the window. Returns nil if a later exchange of the replica
 * was seen.
 */
export const EXCHANGE = script(`
local HOLD_MS = 100000
local COUNTED_MS = 61000
local YOUNG_MS = 75000
local SILENT_MS = 20000
local VANISHED_MS = 3600000
local replica, number, underWay, inHand = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ended, waiting, limit, expected = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local most, fewest, leaves = tonumber(ARGV[9]), tonumber(ARGV[10]), ARGV[11] == '1'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local born, name = now, ARGV[12]
local others, counted, replicas, oldest = 0, ended, 1, nil
local silent = {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local field, value = fields[i], fields[i + 1]
  local kind, rest = string.sub(field, 1, 2), string.sub(field, 3)
  if kind == 'e:' then
    local until_ = rest * 1000 + COUNTED_MS
    if until_ <= now then redis.call('HDEL', KEYS[1], field)
    else
      counted = counted + value
      if oldest == nil or until_ < oldest then oldest = until_ end
    end
  elseif kind == 'r:' then
    local held, until_, seen = string.match(value, '(%d+) (%d+) (%d+)')
    if rest == replica then
      if tonumber(seen) >= number then return nil end
    elseif until_ + VANISHED_MS <= now then redis.call('HDEL', KEYS[1], field)
    elseif until_ - HOLD_MS + SILENT_MS <= now then
      if tonumber(until_) <= now then held = 0 end
      silent[#silent + 1] = tonumber(held)
    else
      others = others + held
      replicas = replicas + 1
    end
  elseif field == 'born' then born = tonumber(value)
  elseif field == 'name' then name = value
  end
end
table.sort(silent, function(a, b) return a > b end)
for i, held in ipairs(silent) do
  if replicas + i <= expected then held = math.max(held, math.floor(limit / expected)) end
  others = others + held
end
redis.call('HSET', KEYS[1], 'born', string.format('%d', born), 'name', name)
if ended > 0 then redis.call('HINCRBY', KEYS[1], 'e:' .. time[1], ended) end
redis.call('PEXPIRE', KEYS[1], 600000)
local young = now - born < YOUNG_MS and replicas + #silent < expected
local left = limit - others - counted - underWay - inHand
local target = math.max(math.min(math.floor(left / (2 * math.max(expected, replicas))), most), fewest)
local granted = 0
if not young and not leaves then granted = math.max(math.min(left, waiting + target - inHand), 0) end
if leaves then redis.call('HDEL', KEYS[1], 'r:' .. replica)
else
  redis.call('HSET', KEYS[1], 'r:' .. replica,
    string.format('%d %d %d', underWay + inHand + granted, now + HOLD_MS, number))
end
local wait = 1000
if oldest ~= nil then wait = math.max(oldest - now, 1) end
return {granted, left - granted, target, wait, young and 1 or 0, replicas, name}
`)
