-- Makes wrk's requests, and prints the results as a line of JSON. The arguments after `--` are the method, the body and its
-- media type (`-` for none), `access` or `refresh`, and tokens of this kind. Access tokens are sent in turn. Each answer to a refresh
-- token contains the next token.
local tokens, next_token = {}, 1

function init(arguments)
  wrk.method = arguments[1]
  if arguments[2] ~= "-" then wrk.body = arguments[2] end
  if arguments[3] ~= "-" then wrk.headers["Content-Type"] = arguments[3] end
  for place = 5, #arguments do table.insert(tokens, arguments[place]) end
  if arguments[4] == "access" and #tokens == 1 then
    wrk.headers["Authorization"] = "Bearer " .. tokens[1]
  elseif arguments[4] == "access" and #tokens > 1 then
    request = function()
      wrk.headers["Authorization"] = "Bearer " .. tokens[next_token]
      next_token = next_token % #tokens + 1
      return wrk.format()
    end
  elseif arguments[4] == "refresh" then
    request = function()
      local token = tokens[next_token]
      -- wrk builds one request more than it sends.
      if next_token < #tokens then next_token = next_token + 1 end
      return wrk.format("POST", nil, nil, '{"refresh_token":"' .. token .. '"}')
    end
    response = function(status, headers, body)
      local token = body:match('"refresh_token":"([^"]+)"')
      if token then table.insert(tokens, token) end
    end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"p999":%d,"max":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    latency.max, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
