import { script } from './script.ts'

/** KEYS: poller, fence. ARGV: replica, ms. Returns the number of the lease, or 0 while another replica has it. */
export const TAKE_LEASE = script(`
local holder = redis.call('GET', KEYS[1])
if holder then
  local replica, number = string.match(holder, '(%S+) (%d+)')
  if replica ~= ARGV[1] then return 0 end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(number)
end
local number = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], 86400000)
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. number, 'PX', ARGV[2])
return number
`)

/** KEYS: poller. ARGV: replica and number of the lease, with a space between. */
export const GIVE_LEASE = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`)

/**
 * KEYS: poller, log. ARGV: replica and number of the lease, ms that entries are kept, the entry, the key of the last entry that the
 * replica has read. Returns the key and the number of the entry, or nothing without the lease, or if the log ends with another
 * entry. Each entry has a number, one more than the entry before.
 */
export const WRITE_ENTRY = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {} end
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
local number, lastKey = 1, ''
if last[1] then number, lastKey = last[1][2][2] + 1, last[1][1] end
if lastKey ~= ARGV[4] then return {} end
local time = redis.call('TIME')
local oldest = time[1] * 1000 - ARGV[2]
local key = redis.call('XADD', KEYS[2], 'MINID', '~', string.format('%d', oldest), '*',
  'n', string.format('%d', number), 'd', ARGV[3])
redis.call('PEXPIRE', KEYS[2], 86400000)
return {key, number}
`)
