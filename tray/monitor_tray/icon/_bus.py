"""One connection to the D-Bus session bus, served by one thread. It knows nothing of icons and menus.

The thread only reads. Any thread may send; whoever calls a method gets a `Future`.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import socket
import struct
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageFlag,
    MessageType,
    Parser,
    new_error,
    new_method_call,
    new_signal,
)
from jeepney.bus import get_bus
from jeepney.io.blocking import prep_socket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_AUTHENTICATION_TIMEOUT_S = 2.0
_CALL_TIMEOUT_S = 3.0
#: A bus that takes nothing for so long is given up: whoever sends would wait with it.
_SEND_TIMEOUT_S = 3
_CHUNK = 65536

log = logging.getLogger(__name__)

MESSAGE_BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


class BusError(Exception):
    """The bus cannot be reached, was lost, or answered with an error; the message is a clause for a sentence."""


def session_bus_address(environment: Mapping[str, str]) -> str:
    """The address of the session bus in D-Bus's own notation. Raises `BusError` where there is none.

    jeepney reads the variable only; systemd's user bus is there without it, in a service and over ssh.
    """
    address = environment.get("DBUS_SESSION_BUS_ADDRESS")
    if address:
        return address
    socket = Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "bus"
    if socket.exists():
        return f"unix:path={socket}"
    raise BusError(f"DBUS_SESSION_BUS_ADDRESS is not set and there is no socket {socket}")


class Bus:
    """An open connection. Raises `BusError` where none can be opened.

    ``on_call`` and ``on_signal`` get each message in the bus thread and must not wait; ``on_lost`` is called there,
    once, when the connection ends without `close`, and before the calls that wait get their `BusError`.
    """

    def __init__(
        self,
        address: str,
        on_call: Callable[[Message], None],
        on_signal: Callable[[Message], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._on_call, self._on_signal, self._on_lost = on_call, on_signal, on_lost
        self._waiting: dict[int, Future[Any]] = {}
        self._serials = itertools.count(1)
        self._sending = threading.Lock()
        self._closing = False
        # Not jeepney's connections: they leave a pipe open each, and print a traceback where the bus refuses us. Any
        # error, because it lets everything through from OSError to StopIteration
        try:
            self._socket = prep_socket(get_bus(address), timeout=_AUTHENTICATION_TIMEOUT_S)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _SEND_TIMEOUT_S, 0))
        except Exception as error:
            raise BusError(f"the session bus {address} does not answer ({error or type(error).__name__})") from error
        self._thread = threading.Thread(target=self._receive, name="dbus", daemon=True)
        self._thread.start()
        try:
            self.unique_name: str = self.call(MESSAGE_BUS, "Hello")[0]
        except BusError:
            self.close()
            raise

    def send(self, message: Message) -> None:
        """Sends, from any thread. A connection that is gone is no error here; ``on_lost`` tells."""
        try:
            self._send(message, next(self._serials))
        except OSError as error:
            log.debug("cannot send on the session bus: %s", error)

    def emit(self, path: str, interface: str, name: str, signature: str = "", body: tuple[Any, ...] = ()) -> None:
        """Sends a signal."""
        self.send(new_signal(DBusAddress(path, interface=interface), name, signature or None, body))

    def call_later(
        self,
        address: DBusAddress,
        method: str,
        signature: str = "",
        body: tuple[Any, ...] = (),
        *,
        auto_start: bool = False,
    ) -> Future[Any]:
        """Calls a method of somebody who is running already, or may be started by the bus.

        The future has the reply's body, or a `BusError`.
        """
        message = new_method_call(address, method, signature or None, body)
        if not auto_start:
            message.header.flags |= MessageFlag.no_auto_start
        serial = next(self._serials)
        future = self._waiting[serial] = Future()
        try:
            self._send(message, serial)
        except OSError as error:
            if self._waiting.pop(serial, None):
                future.set_exception(BusError(str(error)))
        return future

    def call(self, address: DBusAddress, method: str, signature: str = "", body: tuple[Any, ...] = ()) -> Any:
        """Calls a method and waits for the reply's body. Raises `BusError`. Not for the bus thread."""
        try:
            return self.call_later(address, method, signature, body).result(_CALL_TIMEOUT_S)
        except TimeoutError as error:
            raise BusError(f"{method} was not answered within {_CALL_TIMEOUT_S:g} s") from error

    def close(self) -> None:
        """Ends the connection and the thread. Everything that still waits gets a `BusError`."""
        self._closing = True
        self._hang_up()
        self._thread.join(_CALL_TIMEOUT_S)
        self._socket.close()

    def _send(self, message: Message, serial: int) -> None:
        data = message.serialise(serial=serial)
        try:
            with self._sending:
                self._socket.sendall(data)
        except OSError:
            self._hang_up()  # half a message may be on its way, and nothing can follow it
            raise

    def _hang_up(self) -> None:
        """Ends the bus thread."""
        with contextlib.suppress(OSError):  # it is gone already
            self._socket.shutdown(socket.SHUT_RDWR)

    def _receive(self) -> None:
        try:
            self._serve(Parser())
        except Exception as error:  # a broken stream ends like one that was closed
            log.info("the connection with the session bus broke: %s", error)
        self._hang_up()
        if not self._closing:
            self._on_lost()
        for serial in list(self._waiting):
            future = self._waiting.pop(serial, None)
            if future:
                future.set_exception(BusError("the session bus went away"))

    def _serve(self, parser: Parser) -> None:
        while True:
            message = parser.get_next_message()
            if message:
                self._dispatch(message)
                continue
            data = self._socket.recv(_CHUNK)
            if not data:
                return
            parser.add_data(data)

    def _dispatch(self, message: Message) -> None:
        kind = message.header.message_type
        if kind in {MessageType.method_return, MessageType.error}:
            self._resolve(message)
            return
        try:
            (self._on_call if kind is MessageType.method_call else self._on_signal)(message)
        except Exception:
            log.exception("cannot handle a message from the session bus")
            if kind is MessageType.method_call:
                self.send(new_error(message, "org.freedesktop.DBus.Error.Failed", "s", ("internal error",)))

    def _resolve(self, message: Message) -> None:
        fields = message.header.fields
        future = self._waiting.pop(fields[HeaderFields.reply_serial], None)
        if future is None:
            return
        if message.header.message_type is MessageType.error:
            text = message.body[0] if message.body else ""
            future.set_exception(BusError(f"{fields[HeaderFields.error_name]}: {text}"))
        else:
            future.set_result(message.body)
