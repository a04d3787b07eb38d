# What programs of one machine do with each other: a FIFO, record locks and flock, an epoll
# server with four clients, descriptors in a socket, a file without a name.
import fcntl, os, select, socket, threading, time

os.chdir("/dev/shm")
os.mkfifo("fifo")
with open("locked", "w") as f:
    f.write("x" * 100)

child = os.fork()
if child == 0:
    f = open("locked", "r+b")
    fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
    w = open("fifo", "wb", buffering=0)
    time.sleep(0.001)
    for i in range(20):
        w.write(b"line %d\n" % i)
    w.close()
    time.sleep(0.002)
    os._exit(3)
r = open("fifo", "rb")
f = open("locked", "r+b")
print(r.read())
fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
print("status", os.waitpid(child, 0)[1])
fcntl.flock(f, fcntl.LOCK_SH)

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(5)
ready = select.epoll()
ready.register(server, select.EPOLLIN)


def client(n):
    s = socket.create_connection(server.getsockname())
    s.sendall(b"hello %d " % n * 100)
    s.shutdown(socket.SHUT_WR)
    got = 0
    while p := s.recv(777):
        got += len(p)
    print("client", n, got, flush=True)


def serve(c, parts):
    while True:
        try:
            p = c.recv(100)
        except BlockingIOError:
            return False
        if not p:
            break
        parts.append(p)
    c.setblocking(True)
    c.sendall(b"".join(parts) * 3)
    ready.unregister(c)
    c.close()
    return True


clients = [threading.Thread(target=client, args=(i,)) for i in range(4)]
for t in clients:
    t.start()
open_, done = {}, 0
while done < 4:
    for fd, _ in ready.poll():
        if fd != server.fileno():
            done += serve(*open_[fd])
            continue
        c, _ = server.accept()
        c.setblocking(False)
        open_[c.fileno()] = (c, [])
        ready.register(c, select.EPOLLIN | select.EPOLLET)
for t in clients:
    t.join()

a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
pr, pw = os.pipe()
socket.send_fds(a, [b"descriptors"], [pw, f.fileno()])
os.close(pw)
time.sleep(0.001)
text, fds, _, _ = socket.recv_fds(b, 100, 5)
os.write(fds[0], b"through")
os.close(fds[0])
print(text, len(fds), os.read(pr, 100), os.read(pr, 100))

gone = open("gone", "w+")
gone.write("still here")
gone.flush()
os.unlink("gone")
for n in sorted(os.listdir("/proc/self/fd"), key=int):
    try:
        print(n, os.readlink("/proc/self/fd/" + n))
    except OSError as e:
        print(n, e.errno)
gone.seek(0)
print(gone.read())
