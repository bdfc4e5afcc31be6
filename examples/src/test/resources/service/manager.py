"""A service manager with one service, of Type=notify with a file descriptor store, by the documents of systemd:
sd_notify(3), sd_listen_fds(3), FileDescriptorStoreMax= and Restart=on-failure of systemd.service(5).

    manager.py LOG STORE SECONDS COMMAND...

LOG gets a line for everything that happens; STORE has the names that are kept now, a line each; SECONDS are
RestartSec=.
"""
import array
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import time

log_path, store_path, restart_after, command = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]
address = f"@pm2j-test-{os.getpid()}"
listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listening.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
listening.bind("\0" + address[1:])
log = open(log_path, "a", buffering=1)
kept = []  # (name, descriptor)
most = 4096
poll = select.poll()
poll.register(listening, select.POLLIN)


def tell(line):
    log.write(f"{line}\n")


def write_store():
    with open(store_path + ".new", "w") as file:
        file.writelines(f"{name}\n" for name, _ in kept)
    os.rename(store_path + ".new", store_path)


def start():
    pid = os.fork()
    if pid == 0:
        try:
            above = [fcntl.fcntl(fd, fcntl.F_DUPFD, 3 + len(kept)) for _, fd in kept]
            for i, fd in enumerate(above):
                os.dup2(fd, 3 + i)
            os.closerange(3 + len(kept), 65536)
            environment = dict(os.environ, NOTIFY_SOCKET=address)
            if kept:
                environment["LISTEN_PID"] = str(os.getpid())
                environment["LISTEN_FDS"] = str(len(kept))
                environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in kept)
            os.execve(command[0], command, environment)
        finally:
            os._exit(203)
    tell(f"start {pid} with {len(kept)}")
    pidfd = os.pidfd_open(pid)
    poll.register(pidfd, select.POLLIN)
    return pid, pidfd


def drop(which, why):
    for entry in [entry for entry in kept if which(*entry)]:
        kept.remove(entry)
        poll.unregister(entry[1])
        os.close(entry[1])
        tell(f"{why} {entry[0]}")
    write_store()


def same(one, other):
    a, b = os.fstat(one), os.fstat(other)
    return (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)


def keep(name, descriptors):
    for fd in descriptors:
        if any(same(fd, other) for _, other in kept) or len(kept) >= most:
            os.close(fd)
            continue
        kept.append((name, fd))
        poll.register(fd, 0)  # its end alone
        tell(f"keep {name}")
    write_store()


def hear(main):
    data, controls, _, _ = listening.recvmsg(4096, 4096, socket.MSG_CMSG_CLOEXEC)
    sender, descriptors = 0, []
    for _, kind, content in controls:
        if kind == socket.SCM_CREDENTIALS:
            sender = struct.unpack("iII", content)[0]
        elif kind == socket.SCM_RIGHTS:
            numbers = array.array("i")
            numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
            descriptors = list(numbers)
    words = dict(line.split("=", 1) for line in data.decode().splitlines())
    if sender != main:
        tell(f"stranger {sender}: {sorted(words)}")
    elif "FDSTORE" in words:
        keep(words.get("FDNAME", "stored"), descriptors)
        return
    elif "FDSTOREREMOVE" in words:
        drop(lambda name, _: name == words["FDNAME"], "drop")
    elif "BARRIER" not in words:
        tell(" ".join(f"{key}={value}" for key, value in words.items()))
    for fd in descriptors:
        os.close(fd)


write_store()
main, pidfd = start()
signal.signal(signal.SIGTERM, lambda *_: os.kill(main, signal.SIGTERM))
while True:
    for fd, events in poll.poll():
        if fd == listening.fileno():
            hear(main)
        elif fd == pidfd:
            # As systemd does: what it said comes before its end.
            while select.select([listening], [], [], 0)[0]:
                hear(main)
            poll.unregister(pidfd)
            os.close(pidfd)
            code = os.waitstatus_to_exitcode(os.waitpid(main, 0)[1])
            tell(f"exit {code}")
            if code in (0, 143):
                sys.exit(0)
            time.sleep(restart_after)
            main, pidfd = start()
        else:
            drop(lambda _, other: other == fd, "ended")
