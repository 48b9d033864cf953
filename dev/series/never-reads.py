"""Watchers of /ws/jobs that shake hands and then never read: `never-reads.py PORT COUNT`. Small receive buffers, so
that the kernel does not read for them. Says `open` when all are connected, then does nothing until it is killed."""

import signal
import socket
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
connections = []
for _ in range(count):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    connection.sendall(
        (
            f"GET /ws/jobs HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
    )
    assert connection.recv(12) == b"HTTP/1.1 101"
    connections.append(connection)
print("open", flush=True)
signal.pause()
