"""A client's end of a WebSocket, frame by frame, of the standard library alone."""

import base64
import hashlib
import os
import socket
import struct

from server_rounds import Cut, expect

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocket:
    """Open once it is made. Cut: the connection was lost, or closed: then `code` says why."""

    def __init__(self, port, target, key=None, seconds=30, source="127.0.0.1"):
        self.buffer = b""
        self.code = None
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=(source, 0))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            nonce = base64.b64encode(os.urandom(16)).decode()
            proof = f"Authorization: Bearer {key}\r\n" if key else ""
            self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{proof}Connection: Upgrade\r\n"
                                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                f"Sec-WebSocket-Key: {nonce}\r\n\r\n".encode())
        except OSError as error:
            raise Cut(str(error)) from None
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        expect(head.startswith(b"HTTP/1.1 101 "), f"no WebSocket: {head[:300]!r}")
        accept = base64.b64encode(hashlib.sha1((nonce + GUID).encode()).digest())
        expect(accept in head, "Sec-WebSocket-Accept is not that of the key")

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            raise Cut(str(error)) from None
        if not data:
            raise Cut("the connection ended")
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._more()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, text, kind=TEXT):
        data = text if isinstance(text, bytes) else text.encode()
        size = len(data)
        head = bytes([0x80 | kind])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        try:
            self.socket.sendall(head + mask + masked)
        except OSError as error:
            raise Cut(str(error)) from None

    def receive(self):
        """The next message; pings are answered on the way."""
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                size, = struct.unpack("!H", self._take(2))
            elif size == 127:
                size, = struct.unpack("!Q", self._take(8))
            expect(first & 0xF0 == 0x80 and second < 0x80, f"a frame begins with {first:#x} {second:#x}")
            data = self._take(size)
            kind = first & 0x0F
            if kind == TEXT:
                return data.decode()
            if kind == CLOSE:
                self.code = struct.unpack("!H", data[:2])[0] if size >= 2 else 1005
                raise Cut(f"closed with {self.code} {data[2:].decode()}")
            if kind == PING:
                self.send(data, PONG)

    def drop(self):
        """As when the client is killed: no close frame, and nothing more is read."""
        self.socket.close()
