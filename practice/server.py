"""Starting and stopping the practice town."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import uvicorn

from practice.app import build_app
from practice.faults import Faults
from practice.store import Store
from practice.transport import CuttableProtocol

START_SECONDS = 20.0


@dataclass
class RunningTown:
    """A town that answers at `url` until `stop()`; also a context manager."""

    url: str
    port: int
    faults: Faults
    _store: Store = field(repr=False)
    _server: uvicorn.Server = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    def entries(self, system: str) -> list[dict[str, object]]:
        """Everything that arrived for a system (gakumu, jumin, zei, zaimu, kyushoku, practice), in order: id, system, kind,
        key, subject, receipt, arrived_at, visible_at (ISO 8601, JST), values (by label; dates ISO 8601)."""
        return [entry.as_dict() for entry in self._store.arrived(system)]

    def wait(self) -> None:
        """Waits until the town ends; Ctrl+C comes through on every system."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    def stop(self) -> None:
        """Ends the town; what arrived stays in its file. Stopping twice is no error."""
        self._server.should_exit = True
        self._thread.join()
        self._store.close()

    def __enter__(self) -> RunningTown:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_town(
    database: Path, *, port: int = 0, host: str = "127.0.0.1", session_minutes: float = 15.0, slow: bool = False
) -> RunningTown:
    """Starts the town in a thread of this process and returns when it answers. Port 0 takes a free one; `slow` makes every
    seventh page take two seconds. Raises OSError, in Japanese, where the port is taken."""
    listener = _listen(host, port)
    store = Store(database)
    faults = Faults()
    config = uvicorn.Config(
        build_app(store, faults, session_minutes=session_minutes, slow=slow),
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        # Chromium sends a request again by itself, even a POST, when a connection that it used before breaks. One request a
        # connection keeps a cut connection to what the fault says: one request, lost or recorded once.
        headers=[("connection", "close")],
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="practice-town", daemon=True)
    thread.start()
    waited = 0.0
    while not server.started:
        thread.join(0.02)
        waited += 0.02
        if not thread.is_alive() or waited > START_SECONDS:
            store.close()
            raise OSError("練習市を起動できませんでした。しばらくしてから、もう一度実行してください。")
    number = int(listener.getsockname()[1])
    return RunningTown(f"http://{host}:{number}", number, faults, store, server, thread)


def serve_town(database: Path, port: int, *, host: str = "127.0.0.1", slow: bool = True) -> None:
    """Runs the town until Ctrl+C and says where it is. Raises OSError, in Japanese, where the port is taken."""
    with start_town(database, port=port, host=host, slow=slow) as town:
        print(f"練習市が {town.url} で動いています。止めるには Ctrl+C を押してください。", flush=True)
        try:
            town.wait()
        except KeyboardInterrupt:
            print("練習市を止めました。", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":
        # Elsewhere this lets a town start again at once; on Windows it would let two towns share a port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno,
            f"ポート {port} は使えません（ほかのプログラムが使用中です）。別のポート番号を指定してください。",
        ) from error
    return listener
