"""Tells its supervisor how it is, as systemd's programs do. Files in its folder make it: GO lets it say READY=1, STUCK
keeps it from giving signs of life; GET /say/TEXT says TEXT."""
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

here = os.path.dirname(os.path.abspath(__file__))
supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
address = os.environ['NOTIFY_SOCKET']
supervisor.connect('\0' + address[1:] if address.startswith('@') else address)


def say(text):
    supervisor.send(text.encode())


def there(name):
    return os.path.exists(os.path.join(here, name))


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith('/say/'):
            say(unquote(self.path[5:]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'%d\n' % os.getpid())

    def log_message(self, *what):
        pass


def give_signs_of_life():
    interval = int(os.environ['WATCHDOG_USEC']) / 4e6
    while True:
        if not there('STUCK'):
            say('WATCHDOG=1')
        time.sleep(interval)


server = ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Answer)
threading.Thread(target=server.serve_forever).start()
while not there('GO'):
    time.sleep(0.02)
say('READY=1\nSTATUS=all is well')
if 'WATCHDOG_USEC' in os.environ:
    give_signs_of_life()
