/**
 * The commands of the key-value store, each one step in Redis. KEYS[1] is the time of the store, KEYS[2] an entry with
 * its value and the moment of that time from which on it is gone. Redis's own expiry only removes what is gone already:
 * it follows the clock of the server's machine, which may be set back.
 *
 * ARGV[1] is the time of a clock, or empty for that of the server, ARGV[2] the latest time that this client has seen.
 * Each command answers with the present time first.
 */
const TIME = `
  local wall = tonumber(ARGV[1])
  if not wall then
    local clock = redis.call('TIME')
    wall = clock[1] * 1000 + math.floor(clock[2] / 1000)
  end
  local kept = redis.call('HMGET', KEYS[1], 'at', 'ahead')
  local least = math.max(tonumber(kept[1] or 0), tonumber(ARGV[2]))
  local ahead = tonumber(kept[2] or 0)
  local function keepTime(at)
    redis.call('HSET', KEYS[1], 'at', string.format('%.0f', at), 'ahead', string.format('%.0f', ahead))
  end
  if wall + ahead < least then
    ahead = least - wall
    keepTime(least)
  end
  local at = wall + ahead`;

/** With the milliseconds for which Redis keeps an entry beyond its end. */
const ENTRY = `${TIME}
  local value, ends = unpack(redis.call('HMGET', KEYS[2], 'value', 'ends'))
  if not ends or tonumber(ends) <= at then value, ends = false, false end
  local function write(text, ms)
    keepTime(at)
    ends = at + ms
    redis.call('HSET', KEYS[2], 'value', text, 'ends', string.format('%.0f', ends))
    redis.call('PEXPIRE', KEYS[2], string.format('%.0f', ms + 1000))
  end`;

export const NO_COUNT = 'NOCOUNT';

export const SCRIPTS = {
  now: { numberOfKeys: 1, lua: `${TIME} return { at }` },
  read: { numberOfKeys: 2, lua: `${ENTRY} return { at, value }` },
  /** ARGV: value, milliseconds */
  write: { numberOfKeys: 2, lua: `${ENTRY} write(ARGV[3], tonumber(ARGV[4])) return { at }` },
  /**
   * ARGV: value, milliseconds, the latest time for it or empty, an id of this call, the expected value or none at all.
   * The id tells whether it was done already: it may come again when its answer was lost.
   */
  swap: {
    numberOfKeys: 2,
    lua: `${ENTRY}
      if value and redis.call('HGET', KEYS[2], 'by') == ARGV[6] then return { at, 'done' } end
      if ARGV[5] ~= '' and at >= tonumber(ARGV[5]) then return { at, 'late' } end
      if value ~= (ARGV[7] or false) then return { at, 'other' } end
      write(ARGV[3], tonumber(ARGV[4]))
      redis.call('HSET', KEYS[2], 'by', ARGV[6])
      return { at, 'done' }`,
  },
  /** ARGV: addend, milliseconds. Answers with the count and the milliseconds that are left of it. */
  count: {
    numberOfKeys: 2,
    lua: `${ENTRY}
      local before = tonumber(value or 0)
      if not before then return redis.error_reply('${NO_COUNT}') end
      local count = math.max(0, before + tonumber(ARGV[3]))
      if not ends and count == 0 then return { at, 0, 0 } end
      if not ends then
        write(string.format('%.0f', count), tonumber(ARGV[4]))
      elseif count ~= before then
        keepTime(at)
        redis.call('HSET', KEYS[2], 'value', string.format('%.0f', count))
      end
      return { at, count, ends - at }`,
  },
  /** ARGV: the identity of a store that has none yet */
  identify: {
    numberOfKeys: 1,
    lua: `
      redis.call('SET', KEYS[1], ARGV[1], 'NX')
      return redis.call('GET', KEYS[1])`,
  },
} as const;
