"""The Win32 calls behind the pipe, with Python's types and `OSError` for failures. It decides nothing.

Imported on Windows only. Handles are plain integers, which whoever got one closes.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from dataclasses import dataclass
from typing import Any

assert sys.platform == "win32"  # noqa: S101  tells the type checker which platform's ctypes this is

ERROR_PIPE_BUSY = 231
ERROR_OPERATION_ABORTED = 995
_ERROR_PIPE_CONNECTED = 535
_ERROR_IO_PENDING = 997

_INVALID_HANDLE = ctypes.c_void_p(-1).value
_INFINITE = 0xFFFFFFFF

_GENERIC_READ_WRITE = 0xC0000000
_OPEN_EXISTING = 3
_FILE_FLAG_OVERLAPPED = 0x40000000
# Whoever serves the pipe may learn who we are, and may not act as us.
_SECURITY_IDENTIFICATION_ONLY = 0x00110000  # SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION

_PIPE_ACCESS_DUPLEX = 3
_FILE_FLAG_FIRST_PIPE_INSTANCE = 0x00080000
_PIPE_REJECT_REMOTE_CLIENTS = 8  # bytes, not messages, and blocking in the sense of overlapped calls, are 0
_PIPE_UNLIMITED_INSTANCES = 255

_TOKEN_QUERY = 8
_TOKEN_USER = 1
_SDDL_REVISION = 1

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)


class Overlapped(ctypes.Structure):
    """OVERLAPPED. The system writes to it until the operation has ended: it has to be kept alive that long."""

    _fields_ = (
        ("internal", ctypes.c_size_t),
        ("internal_high", ctypes.c_size_t),
        ("offset", ctypes.c_uint64),
        ("event", wintypes.HANDLE),
    )


class _SecurityAttributes(ctypes.Structure):
    _fields_ = (("length", wintypes.DWORD), ("descriptor", ctypes.c_void_p), ("inherit", wintypes.BOOL))


class _MemoryCounters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS_EX."""

    _fields_ = (
        ("size", wintypes.DWORD),
        ("page_faults", wintypes.DWORD),
        ("peak_working_set", ctypes.c_size_t),
        ("working_set", ctypes.c_size_t),
        ("quotas", ctypes.c_size_t * 4),
        ("commit", ctypes.c_size_t),
        ("peak_commit", ctypes.c_size_t),
        ("private", ctypes.c_size_t),
    )


@dataclass(frozen=True, slots=True)
class Completion:
    """The end of one operation: the address of its `Overlapped`, the bytes moved, and an error's number or 0."""

    address: int
    count: int
    error: int


def _succeeded(result: Any, _function: object, _arguments: object) -> Any:
    if not result or result == _INVALID_HANDLE:
        raise ctypes.WinError(ctypes.get_last_error())
    return result


def _started(result: int, _function: object, _arguments: object) -> int:
    """For overlapped calls, whose completion arrives whether they end at once or later."""
    error = 0 if result else ctypes.get_last_error()
    if error not in (0, _ERROR_IO_PENDING):
        raise ctypes.WinError(error)
    return result


def _reverted(result: int, _function: object, _arguments: object) -> int:
    """Not an `OSError`: a thread that stays somebody else must not be carried on with."""
    if not result:
        raise RuntimeError("cannot stop acting as a client of the pipe")
    return result


def _declare(library: ctypes.WinDLL, name: str, result: Any, *arguments: Any, check: Any = _succeeded) -> Any:
    function = library[name]
    function.restype, function.argtypes = result, arguments
    if check is not None:
        function.errcheck = check
    return function


_BOOL, _DWORD, _HANDLE, _TEXT, _POINTER = (
    wintypes.BOOL,
    wintypes.DWORD,
    wintypes.HANDLE,
    wintypes.LPCWSTR,
    ctypes.c_void_p,
)
_REFERENCE = ctypes.c_void_p  # to something that the call fills in

_close_handle = _declare(_kernel32, "CloseHandle", _BOOL, _HANDLE)
_local_free = _declare(_kernel32, "LocalFree", _POINTER, _POINTER, check=None)
_create_named_pipe = _declare(
    _kernel32, "CreateNamedPipeW", _HANDLE, _TEXT, _DWORD, _DWORD, _DWORD, _DWORD, _DWORD, _DWORD, _POINTER
)
_create_file = _declare(_kernel32, "CreateFileW", _HANDLE, _TEXT, _DWORD, _DWORD, _POINTER, _DWORD, _DWORD, _HANDLE)
_wait_named_pipe = _declare(_kernel32, "WaitNamedPipeW", _BOOL, _TEXT, _DWORD)
_connect_named_pipe = _declare(_kernel32, "ConnectNamedPipe", _BOOL, _HANDLE, _POINTER, check=_started)
_read_file = _declare(_kernel32, "ReadFile", _BOOL, _HANDLE, _POINTER, _DWORD, _POINTER, _POINTER, check=_started)
_write_file = _declare(_kernel32, "WriteFile", _BOOL, _HANDLE, _POINTER, _DWORD, _POINTER, _POINTER, check=_started)
_cancel_io = _declare(_kernel32, "CancelIoEx", _BOOL, _HANDLE, _POINTER, check=None)
_create_port = _declare(_kernel32, "CreateIoCompletionPort", _HANDLE, _HANDLE, _HANDLE, ctypes.c_size_t, _DWORD)
_get_completion = _declare(
    _kernel32, "GetQueuedCompletionStatus", _BOOL, _HANDLE, _REFERENCE, _REFERENCE, _REFERENCE, _DWORD, check=None
)
_post_completion = _declare(_kernel32, "PostQueuedCompletionStatus", _BOOL, _HANDLE, _DWORD, ctypes.c_size_t, _POINTER)
_current_process = _declare(_kernel32, "GetCurrentProcess", _HANDLE, check=None)
_memory_info = _declare(_kernel32, "K32GetProcessMemoryInfo", _BOOL, _HANDLE, _POINTER, _DWORD)
_current_thread = _declare(_kernel32, "GetCurrentThread", _HANDLE, check=None)
_open_process_token = _declare(_advapi32, "OpenProcessToken", _BOOL, _HANDLE, _DWORD, _REFERENCE)
_open_thread_token = _declare(_advapi32, "OpenThreadToken", _BOOL, _HANDLE, _DWORD, _BOOL, _REFERENCE)
_token_information = _declare(_advapi32, "GetTokenInformation", _BOOL, _HANDLE, _DWORD, _POINTER, _DWORD, _REFERENCE)
_sid_to_text = _declare(_advapi32, "ConvertSidToStringSidW", _BOOL, _POINTER, _REFERENCE)
_impersonate = _declare(_advapi32, "ImpersonateNamedPipeClient", _BOOL, _HANDLE)
_revert_to_self = _declare(_advapi32, "RevertToSelf", _BOOL, check=_reverted)
_parse_descriptor = _declare(
    _advapi32,
    "ConvertStringSecurityDescriptorToSecurityDescriptorW",
    _BOOL,
    _TEXT,
    _DWORD,
    _REFERENCE,
    _REFERENCE,
)


def close(handle: int) -> None:
    """Closes ``handle``."""
    _close_handle(handle)


def own_memory() -> tuple[int, int]:
    """Bytes of this process that lie in memory, and bytes that it has for itself."""
    found = _MemoryCounters()
    _memory_info(_current_process(), ctypes.addressof(found), ctypes.sizeof(found))
    return found.working_set, found.private


# -- who --


def user_sid() -> str:
    """The SID of the user whose process this is."""
    token = _HANDLE()
    _open_process_token(_current_process(), _TOKEN_QUERY, ctypes.byref(token))
    return _sid_of(token)


def client_sid(pipe: int) -> str:
    """The SID of the client on ``pipe``, of which something has been read already.

    Raises `OSError` where the client keeps itself anonymous.
    """
    token = _HANDLE()
    _impersonate(pipe)
    try:
        # As itself: the rights that the client lends are good for being looked at only.
        _open_thread_token(_current_thread(), _TOKEN_QUERY, True, ctypes.byref(token))
    finally:
        _revert_to_self()
    return _sid_of(token)


def _sid_of(token: wintypes.HANDLE) -> str:
    """Closes ``token``."""
    user = (ctypes.c_void_p * 32)()  # TOKEN_USER: the address of the SID, its attributes, and the SID behind them
    text, size = wintypes.LPWSTR(), wintypes.DWORD()
    try:
        _token_information(token, _TOKEN_USER, user, ctypes.sizeof(user), ctypes.byref(size))
    finally:
        _close_handle(token)
    _sid_to_text(user[0], ctypes.byref(text))
    try:
        return text.value or ""
    finally:
        _local_free(text)


class OwnerOnly:
    """Security attributes that let in ``sid`` and nobody else, nothing inherited. ``close`` gives the memory back."""

    def __init__(self, sid: str) -> None:
        self._descriptor = ctypes.c_void_p()
        _parse_descriptor(f"D:P(A;;GA;;;{sid})", _SDDL_REVISION, ctypes.byref(self._descriptor), None)
        self.attributes = _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), self._descriptor, False)

    def close(self) -> None:
        """Frees the descriptor; pipes that were made with it keep their own copy."""
        _local_free(self._descriptor)


# -- pipes --


def create_pipe(name: str, security: OwnerOnly, *, first: bool, buffer_bytes: int) -> int:
    """One more instance of the pipe ``name``, for overlapped calls; the ``first`` one only if there is none yet."""
    mode = _PIPE_ACCESS_DUPLEX | _FILE_FLAG_OVERLAPPED | (_FILE_FLAG_FIRST_PIPE_INSTANCE if first else 0)
    handle: int = _create_named_pipe(
        name,
        mode,
        _PIPE_REJECT_REMOTE_CLIENTS,
        _PIPE_UNLIMITED_INSTANCES,
        buffer_bytes,
        buffer_bytes,
        0,
        ctypes.addressof(security.attributes),
    )
    return handle


def open_pipe(name: str) -> int:
    """Connects to the pipe ``name`` for overlapped calls. Raises `OSError`, ``ERROR_PIPE_BUSY`` among them."""
    flags = _FILE_FLAG_OVERLAPPED | _SECURITY_IDENTIFICATION_ONLY
    handle: int = _create_file(name, _GENERIC_READ_WRITE, 0, None, _OPEN_EXISTING, flags, None)
    return handle


def wait_for_pipe(name: str, timeout_ms: int) -> None:
    """Returns when an instance is free, which somebody else may take first. Raises `OSError` when the time is up."""
    _wait_named_pipe(name, max(1, timeout_ms))  # 0 would mean the server's default


def start_connect(pipe: int, port: int, overlapped: Overlapped) -> None:
    """Waits for a client; the completion comes to ``port``, which the pipe is attached to."""
    try:
        _connect_named_pipe(pipe, ctypes.addressof(overlapped))
    except OSError as error:
        if error.winerror != _ERROR_PIPE_CONNECTED:
            raise
        # A client came before it was waited for: then the system sends no completion.
        _post_completion(port, 0, 0, ctypes.addressof(overlapped))


def start_read(pipe: int, buffer: ctypes.Array[ctypes.c_char], overlapped: Overlapped) -> None:
    """Reads into ``buffer``, which has to be kept alive with ``overlapped``."""
    _read_file(pipe, ctypes.addressof(buffer), len(buffer), None, ctypes.addressof(overlapped))


def start_write(pipe: int, data: ctypes.Array[ctypes.c_char], overlapped: Overlapped) -> None:
    """Writes all of ``data``, which has to be kept alive with ``overlapped``."""
    _write_file(pipe, ctypes.addressof(data), len(data), None, ctypes.addressof(overlapped))


def cancel(handle: int) -> None:
    """Makes everything that was started on ``handle`` end soon, if there is anything."""
    _cancel_io(handle, None)


# -- completions --


def create_port() -> int:
    """A completion port: a queue of the ends of operations."""
    port: int = _create_port(_INVALID_HANDLE, None, 0, 1)
    return port


def attach(port: int, handle: int) -> None:
    """From now on the ends of operations on ``handle`` go to ``port``."""
    _create_port(handle, port, 0, 0)


def next_completion(port: int, timeout_ms: int | None) -> Completion | None:
    """The next one; ``None`` when the time is up (``None`` of it: never) or `wake` was called."""
    count, key, address = wintypes.DWORD(), ctypes.c_size_t(), ctypes.c_void_p()
    ended_well = _get_completion(
        port,
        ctypes.byref(count),
        ctypes.byref(key),
        ctypes.byref(address),
        _INFINITE if timeout_ms is None else timeout_ms,
    )
    error = 0 if ended_well else ctypes.get_last_error()
    return None if address.value is None else Completion(address.value, count.value, error)


def wake(port: int) -> None:
    """Makes one `next_completion` return ``None``; from any thread."""
    _post_completion(port, 0, 0, None)
