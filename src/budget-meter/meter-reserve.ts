/**
 * Grants or refuses, in this order: what the provider asked for (`until`), money, rates.
 * Answers `{1, nano, nano with what calls were underestimated by}` or `{0, limit, milliseconds to wait or -1, nano left}`.
 *
 * A provider may bill more than the worst case that was estimated (other tokenizers, tokens nobody sees). The first such
 * bill raises all reservations of that provider, those that are open too, so that at most the calls that were on their
 * way before it can overdraw an account. Where the others can pay for that no more, nothing is billed that would show it to be less:
 * so it lasts for an hour.
 *
 * Those who wait for a rate are given one turn each, so that a thousand of them do not all come back for one free place.
 */
export const RESERVE = `
local id, p, j = A.id, A.provider, A.project
local limited = A.rpm or A.tpm or A.rpd
local q, t, w = P .. 'q:' .. p, P .. 't:' .. p, P .. 'w:' .. p

-- How much may be reserved; or nothing, which limit says so, for how long, and what it has left but for what open calls hold.
local function afford(extra, lasts)
  local room, tight = A.usd, nil
  local function cap(name, limit, holder, opened)
    if not limit then return end
    local used, reserved = account(holder, extra)
    local w = opened and opened()
    if w then used = w.total end
    local free = limit - used - reserved - extra
    if free < room then
      room = free
      tight = { name = name, held = limit - used - extra >= A.min, window = w, lacks = A.min - free }
      tight.holder, tight.limit, tight.used = holder, limit, used
    end
  end
  cap('project_budget', A.projectBudget, 'j:' .. j)
  cap('credits', A.credits, 'p:' .. p)
  cap('hour_budget', A.hourBudget, 'all', hour)
  cap('day_budget', A.dayBudget, 'all', day)
  if room >= A.min and room > 0 then return room end
  local wait, window = -1, tight.window
  -- Below a cap that is smaller than the call there never is room.
  if tight.limit < A.min then window = nil end
  if tight.held then wait = A.busy elseif window then wait = leaves(window, tight.lacks) end
  if extra > 0 and (wait < 0 or wait > lasts) then
    local _, reserved = account(tight.holder, 0)
    local hasRoom = tight.limit - tight.used - reserved >= A.min
    -- A project that has spent most of its own money has used it up, as a branch its share: others need not wait for it.
    if tight.name == 'project_budget' then hasRoom = hasRoom and extra >= tight.limit and tight.used * 2 < tight.limit end
    if window or hasRoom then wait = lasts end
  end
  return nil, tight.name, wait, tight.limit - tight.used
end

-- Milliseconds until it is this project's turn at the provider's rate, or nothing: it may go now.
local function turn(daily)
  if not limited then return end
  local requests, tokens = 0, 0
  if A.rpm or A.tpm then requests, tokens = minute(p) end
  local need = math.min(A.tokens, A.tpm or A.tokens)
  local slow, heavy = A.rpm and requests >= A.rpm, A.tpm and tokens + need > A.tpm
  local late = A.rpd and daily.total >= A.rpd
  if not (slow or heavy or late) then return end
  call('ZREMRANGEBYSCORE', w, '-inf', NOW)
  call('ZREM', w, j)
  local ahead = num(call('ZCARD', w))
  local wait = 1
  if slow then
    local k = requests - A.rpm + ahead
    local rounds = 1
    if k >= requests then
      rounds = 2 + math.floor((k - requests) / A.rpm)
      k = requests - A.rpm + (k - requests) % A.rpm
    end
    local entry = call('ZRANGE', q, k, k, 'WITHSCORES')
    wait = math.max(wait, num(entry[2]) + rounds * MINUTE - NOW)
  end
  if heavy then
    local target = tokens - A.tpm + need * (1 + ahead)
    local rounds = 1 + math.floor((target - 1) / math.max(tokens, 1))
    target = target - (rounds - 1) * tokens
    local freed = 0
    for _, other in ipairs(call('ZRANGE', q, 0, -1)) do
      freed = freed + num(call('HGET', t, other))
      if freed >= target then
        wait = math.max(wait, num(call('ZSCORE', q, other)) + rounds * MINUTE - NOW)
        break
      end
    end
  end
  if late then wait = math.max(wait, leaves(daily, daily.total - A.rpd + 1 + ahead)) end
  call('ZADD', w, NOW + wait, j)
  call('PEXPIRE', w, wait + MINUTE)
  return wait
end

local old = held(id)
if old then return { 1, old.n, old.n + over(p) } end
reap()
local asked = call('HMGET', P .. 'h:' .. p, 'until', 'fail')
local pause = num(asked[1]) - NOW
if pause > 0 and num(asked[2]) <= NOW + SKEW then return { 0, 'rate', pause } end
local room, extra, lasts = A.usd, over(p)
if A.usd > 0 then
  local limit, wait, left
  room, limit, wait, left = afford(extra, lasts)
  if not room then return { 0, limit, wait, left } end
end
local daily = today(p)
local wait = turn(daily)
if wait then return { 0, 'rate', wait } end

hold(id, { p = p, j = j, n = room })
call('ZADD', P .. 'expiry', NOW + A.ttl, id)
if limited then call('ZREM', w, j) end
-- A provider with requests in its day is known already.
if daily.total == 0 then call('SADD', P .. 'ids', p) end
recent(p, id, A.tokens, NOW)
bump(daily, 1)
book(p, j, 1, room, 0, 0)
return { 1, room, room + extra }
`;
