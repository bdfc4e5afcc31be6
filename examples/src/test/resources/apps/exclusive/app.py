"""Takes BOOT seconds to start, and cannot run twice: it locks a file, as some take a device or a database."""
import fcntl
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if "LOCK" in os.environ:
    lock = open(os.environ["LOCK"], "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit("somebody else has it")
time.sleep(float(os.environ.get("BOOT", "0")))


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def do_GET(self):
        load = self.path.partition("load=")[2]
        body = f"{load} {os.getpid()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 512


Server(("127.0.0.1", int(os.environ["PORT"])), Hello).serve_forever()
