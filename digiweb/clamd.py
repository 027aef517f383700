"""A client of the virus scanner ClamAV: `clamd` by its socket, with the INSTREAM command.

`CLAMD_SOCKET` is a path (`/run/clamav/clamd.ctl`) or `host:port`. Only what is needed of the protocol: the
content goes over in chunks with their length before them, one line comes back.
"""

import socket
import struct
from typing import Any

CHUNK = 64 * 1024
CONNECT_SECONDS = 5
# A scan of a large archive takes its time.
ANSWER_SECONDS = 120
# An answer is one short line.
LONGEST = 4096


class ScannerDown(Exception):
    """The scanner cannot be reached, or went away: ask again later."""


class NotScanned(Exception):
    """The scanner answered that it could not look at this content (too large, for instance)."""


def find_virus(file: Any, address: str) -> str:
    """The name of the virus in `file`; "" when there is none.

    Raises ScannerDown or NotScanned.
    """
    try:
        with _connect(address) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.sendall(b"zINSTREAM\0")
            try:
                while chunk := file.read(CHUNK):
                    connection.sendall(struct.pack("!L", len(chunk)) + chunk)
                connection.sendall(struct.pack("!L", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough (too large) and says so
            return _verdict(_read_line(connection))
    except (OSError, TimeoutError) as error:
        raise ScannerDown(str(error)) from error


def _connect(address: str) -> socket.socket:
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        return socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_SECONDS)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _read_line(connection: socket.socket) -> str:
    answer = b""
    while len(answer) < LONGEST and not answer.endswith((b"\0", b"\n")):
        block = connection.recv(LONGEST)
        if not block:
            break
        answer += block
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(answer: str) -> str:
    """« stream: OK », « stream: Eicar-Signature FOUND », « INSTREAM size limit exceeded. ERROR »."""
    if not answer:
        raise ScannerDown("no answer")
    if answer.endswith(" FOUND"):
        return answer.removesuffix(" FOUND").removeprefix("stream: ").strip()[:120] or "?"
    if answer.endswith(": OK"):
        return ""
    raise NotScanned(answer[:200])
