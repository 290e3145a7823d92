-- Takes a turn if there is one for an instance.
--
-- KEYS[1] is a hash. Its field "state" has
--   free     the moment when the bucket is full again, less burst intervals:
--            there is a token if it is not later than now,
--   tickets  the number of the last ticket,
--   passed1 and passed2: how many attempts of a priority were let through since
--            one of a lower priority was, while one waited.
-- Each other field is the mark of an instance and has
--   expires  the moment until which the mark counts,
--   ticket1, ticket2, ticket3: since when the instance waits at each priority,
--            0 if it does not.
-- All moments are microseconds by the clock of Redis.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local me, interval, burst, grace = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local waiting = {tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])}

local free, tickets, passed = 0, 0, {0, 0, 0}
local mine = {0, 0, 0}
local first, whose = {}, {} -- for each priority the lowest ticket and its instance

local function consider(instance, given)
	for p = 1, 3 do
		if given[p] > 0 and (not first[p] or given[p] < first[p]) then
			first[p], whose[p] = given[p], instance
		end
	end
end

local stored = redis.call('HGETALL', KEYS[1])
for i = 1, #stored, 2 do
	local name, numbers = stored[i], {}
	for number in string.gmatch(stored[i + 1], '%d+') do
		numbers[#numbers + 1] = tonumber(number)
	end
	if name == 'state' then
		free, tickets, passed = numbers[1], numbers[2], {numbers[3], numbers[4], 0}
	else
		local expires, given = numbers[1], {numbers[2], numbers[3], numbers[4]}
		if name == me then
			mine = given
		elseif expires < now or expires > now + interval + grace then -- the latter if the clock was set back
			redis.call('HDEL', KEYS[1], name)
		else
			consider(name, given)
		end
	end
end

local function draw(p)
	tickets = tickets + 1
	mine[p] = tickets
end

for p = 1, 3 do
	if waiting[p] == 0 then
		mine[p] = 0
	elseif mine[p] == 0 then
		draw(p)
	end
end
consider(me, mine)

-- Whose turn it is, by the rule of rutravel.PriorityLimiter.
local turn
for p = 1, 3 do
	if first[p] then
		if not turn or passed[turn] >= 3 then
			turn = p
		end
		if passed[turn] < 3 then
			break
		end
	end
end

-- The clock may have been set back, or the bucket may be full.
free = math.max(math.min(free, now + interval), now - (burst - 1) * interval)

local granted = 3 -- none
if turn and whose[turn] == me and free <= now then
	granted = turn - 1
	free = free + interval
	waiting[turn] = waiting[turn] - 1
	mine[turn] = 0
	if waiting[turn] > 0 then
		draw(turn) -- behind the other instances
	end
	local lower = false
	for p = 1, 3 do
		if p < turn then
			passed[p] = 0
		elseif p > turn then
			lower = lower or first[p] ~= nil
		end
	end
	passed[turn] = lower and passed[turn] + 1 or 0
end

local wait = math.max(free - now, 0)
redis.call('HSET', KEYS[1], 'state', string.format('%.0f %.0f %.0f %.0f', free, tickets, passed[1], passed[2]))
if mine[1] + mine[2] + mine[3] > 0 then
	redis.call('HSET', KEYS[1], me, string.format('%.0f %.0f %.0f %.0f', now + wait + grace, mine[1], mine[2], mine[3]))
else
	redis.call('HDEL', KEYS[1], me)
end
redis.call('PEXPIRE', KEYS[1], math.ceil((wait + burst * interval + grace) / 1000))
return {granted, wait}
