-- wrk ... -- FILE METHOD [BODY]: asks for the targets of FILE, one a line, one after the other from a random one on. Behind
-- a tab a line may have a body of its own. The key comes in $QUIRE_KEY. `done` prints one line of JSON.

local requests, head, tail = {}, nil, nil
local at = 0

function init(arguments)
  local method = arguments[2]
  if os.getenv("QUIRE_KEY") then wrk.headers["Authorization"] = "Bearer " .. os.getenv("QUIRE_KEY") end
  if arguments[3] then
    local file = assert(io.open(arguments[3], "rb"))
    wrk.body = file:read("*a")
    wrk.headers["Content-Type"] = "application/json"
    file:close()
  end
  -- Those without a body are put together once.
  head, tail = wrk.format(method, "/@"):match("^(.-)/@(.*)$")
  for line in io.lines(arguments[1]) do
    local target, own = line:match("^(.-)\t(.*)$")
    if own then
      wrk.headers["Content-Type"] = "application/json"
      requests[#requests + 1] = wrk.format(method, target, nil, own)
    else
      requests[#requests + 1] = wrk.body and line or head .. line .. tail
    end
  end
  math.randomseed(os.time())
  at = math.random(#requests)
end

function request()
  at = at % #requests + 1
  return wrk.body and head .. requests[at] .. tail or requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'result {"requests":%d,"seconds":%.6f,"bytes":%d,"failed":%d,"refused":%d,"p50":%.1f,"p99":%.1f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(99)))
end
