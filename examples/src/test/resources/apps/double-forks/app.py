"""Starts a daemon of its own: forks twice, with a new session each time, so that it is in nobody's group or tree."""
import os
import signal
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

here = os.path.dirname(os.path.abspath(__file__))


def daemon():
    os.setsid()
    if os.fork():
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(os.path.join(here, 'daemons'), 'a') as pids:
        pids.write('%d\n' % os.getpid())
    while True:
        time.sleep(1000)


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'%d\n' % os.getpid())

    def log_message(self, *what):
        pass


child = os.fork()
if child == 0:
    daemon()
os.waitpid(child, 0)
HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Answer).serve_forever()
