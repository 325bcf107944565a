"""Real listeners on loopback that count what arrives: one pair of ports (TCP and UDP) for each way out of a page."""

from __future__ import annotations

import selectors
import socket
import threading
from collections import Counter
from collections.abc import Iterable


class Listeners:
    """One address for each way; ``arrived`` counts the connections and datagrams that came to it."""

    def __init__(self, ways: Iterable[str], host: str = "127.0.0.1") -> None:
        self.arrived: Counter[str] = Counter()
        self.addresses: dict[str, str] = {}
        self._selector = selectors.DefaultSelector()
        self._over = False
        for way in ways:
            port = self._listen(host, way)
            self.addresses[way] = f"http://{host}:{port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _listen(self, host: str, way: str) -> int:
        for _ in range(20):
            stream = socket.create_server((host, 0))
            port = int(stream.getsockname()[1])
            datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                datagrams.bind((host, port))
            except OSError:
                stream.close()
                datagrams.close()
                continue
            for one in (stream, datagrams):
                one.setblocking(False)
                self._selector.register(one, selectors.EVENT_READ, way)
            return port
        raise OSError("no port is free for both TCP and UDP")

    def _serve(self) -> None:
        while not self._over:
            for key, _ in self._selector.select(0.1):
                one = key.fileobj
                assert isinstance(one, socket.socket)
                try:
                    if one.type == socket.SOCK_STREAM:
                        one.accept()[0].close()
                    else:
                        one.recvfrom(2048)
                except OSError:
                    continue
                self.arrived[key.data] += 1

    def stop(self) -> None:
        self._over = True
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()
