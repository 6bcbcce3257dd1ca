"""A server that does what no server may: it makes statements of what it is sent, as text.

`cargo xtask sqlmap` lets sqlmap loose on it first: one that finds nothing here finds nothing anywhere. It listens on the
loopback, says on which port, and ends when its standard input does.
"""

import http.server
import json
import os
import sys
import threading
import urllib.parse

import pg8000.native

STATEMENT = "SELECT name FROM (VALUES ('1', 'one'), ('2', 'two')) AS things (id, name) WHERE id = '{}'"


def connect():
    return pg8000.native.Connection(
        user=os.environ["PGUSER"],
        password=os.environ["PGPASSWORD"],
        host=os.environ["PGHOST"],
        port=int(os.environ["PGPORT"]),
        database=os.environ["PGDATABASE"],
    )


class Handler(http.server.BaseHTTPRequestHandler):
    """Looks for a thing by its id, which is wherever the first segment of the path says."""

    def respond(self):
        try:
            with connect() as database:
                rows = database.run(STATEMENT.format(self.id()))
            status, said = 200, {"things": [row[0] for row in rows or []]}
        except (pg8000.exceptions.DatabaseError, ValueError) as error:
            status, said = 500, {"error": str(error)}
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def id(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        where, _, rest = url.path.removeprefix("/").partition("/")
        match where:
            case "path":
                return urllib.parse.unquote(rest)
            case "query":
                return urllib.parse.parse_qs(url.query)["id"][0]
            case "json":
                return json.loads(body)["ids"][0]
            case "form":
                return urllib.parse.parse_qs(body)["id"][0]
            case _:
                return self.headers["X-Id"]

    do_GET = do_POST = do_PUT = respond

    def log_message(self, *_):
        pass


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=end_with_standard_input, daemon=True).start()
print(server.server_address[1], flush=True)
server.serve_forever()
