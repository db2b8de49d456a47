"""What the hook in Python needs of Windows. See hook/os_windows.c."""

from __future__ import annotations

import ctypes
import os
import sys
import time

if sys.platform == "win32":
    import _winapi
    import msvcrt
    from ctypes import wintypes

    _ACCEPTED = b'{"ok":true'
    _LOCAL_APP_DATA = (ctypes.c_ubyte * 16).from_buffer_copy(
        bytes.fromhex("8527b3f1ba6fcf4f9d557b8e7f157091")  # FOLDERID_LocalAppData as it lies in memory
    )
    _DONT_VERIFY = 0x4000
    _TOKEN_QUERY, _TOKEN_USER = 0x0008, 1
    _IDENTIFICATION = 0x00110000  # SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION
    _FILE_TYPE_CHAR = 2

    def awake_ms() -> int:
        """Does not advance while the machine sleeps."""
        now = ctypes.c_uint64()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(now))
        return now.value // 10_000

    def shield() -> None:
        """Ctrl-C in the console that the client shares does not stop the hook."""
        ctypes.windll.kernel32.SetConsoleCtrlHandler(None, True)

    def read_stdin(room: int, deadline: float) -> bytes | None:
        """What is there, nothing at the end, None at the deadline (of `time.monotonic`)."""
        handle = msvcrt.get_osfhandle(0)
        if _winapi.GetFileType(handle) == _FILE_TYPE_CHAR:
            return b""
        try:
            while not _winapi.PeekNamedPipe(handle, 0)[0]:
                if time.monotonic() >= deadline:
                    return None
                time.sleep(0.001)
        except BrokenPipeError:
            return b""
        except OSError:
            pass  # a file, which never blocks for long
        return os.read(0, room)

    def find_home() -> str | None:
        """The rule is platformdirs'; it is written out in hook/PROTOCOL.md."""
        if chosen := os.environ.get("CLAUDE_MONITOR_HOME"):
            return chosen if _is_absolute(chosen) else None
        data = os.environ.get("WIN_PD_OVERRIDE_LOCAL_APPDATA", "").strip(" \t\n\r\v\f")
        if not _is_absolute(data):
            known = wintypes.LPWSTR()
            ctypes.windll.shell32.SHGetKnownFolderPath(
                ctypes.byref(_LOCAL_APP_DATA), _DONT_VERIFY, None, ctypes.byref(known)
            )
            data = known.value or ""
        return os.path.join(data, "claude-monitor") if data else None  # noqa: PTH118  pathlib costs milliseconds

    def enter(home: str) -> bool:
        """Makes ``home`` where it is missing."""
        os.makedirs(home, exist_ok=True)  # noqa: PTH103
        return True

    def make_folder(path: str) -> None:
        """Makes one folder, unless there is something already or it cannot be."""
        try:
            os.mkdir(path)  # noqa: PTH102
        except OSError:
            return

    def deliver(line: bytes, deadline: float) -> bool:
        """Whether the listener has taken the line by the deadline."""
        try:
            pipe = _connect(deadline)
            writing, _ = _winapi.WriteFile(pipe, line, overlapped=True)
            if _finish(writing, deadline) != len(line):
                return False
            reply = b""
            while len(reply) < len(_ACCEPTED):
                reading, _ = _winapi.ReadFile(pipe, len(_ACCEPTED) - len(reply), overlapped=True)
                if not _finish(reading, deadline):
                    return False
                reply += reading.getbuffer() or b""
        except OSError:
            return False
        return reply == _ACCEPTED

    def create(path: str) -> int:
        """The descriptor of a new file. Raises `FileNotFoundError` where its folder is missing."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_BINARY | os.O_NOINHERIT)

    def _is_absolute(path: str) -> bool:
        letter = path[:1].isascii() and path[:1].isalpha()
        return (letter and path[1:2] == ":" and path[2:3] in ("\\", "/")) or (
            len(path) > 1 and path[0] in "\\/" and path[1] in "\\/"
        )

    def _connect(deadline: float) -> int:
        name = _pipe_name()
        while True:
            try:
                return _winapi.CreateFile(
                    name,
                    _winapi.GENERIC_READ | _winapi.GENERIC_WRITE,
                    0,
                    _winapi.NULL,
                    _winapi.OPEN_EXISTING,
                    _winapi.FILE_FLAG_OVERLAPPED | _IDENTIFICATION,
                    _winapi.NULL,
                )
            except OSError as error:
                if error.winerror != _winapi.ERROR_PIPE_BUSY or time.monotonic() >= deadline:
                    raise
                _winapi.WaitNamedPipe(name, max(1, _left_ms(deadline)))

    def _pipe_name() -> str:
        name = rf"\\.\pipe\claude-monitor-{_user_sid()}"
        chosen = os.environ.get("CLAUDE_MONITOR_HOME")
        if not chosen:
            return name
        hashed = 0xCBF29CE484222325  # FNV-1a
        for byte in chosen.encode("utf-8", "replace"):
            hashed = (hashed ^ byte) * 0x100000001B3 % 2**64
        return f"{name}-{hashed:016x}"

    def _user_sid() -> str:
        token, size = wintypes.HANDLE(), wintypes.DWORD()
        user = (ctypes.c_void_p * 64)()  # TOKEN_USER: the pointer to the SID comes first
        text = wintypes.LPWSTR()
        security, kernel = ctypes.windll.advapi32, ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        process = wintypes.HANDLE(kernel.GetCurrentProcess())
        if not (
            security.OpenProcessToken(process, _TOKEN_QUERY, ctypes.byref(token))
            and security.GetTokenInformation(token, _TOKEN_USER, user, ctypes.sizeof(user), ctypes.byref(size))
            and security.ConvertSidToStringSidW(ctypes.c_void_p(user[0]), ctypes.byref(text))
        ):
            raise ctypes.WinError()
        return text.value or ""

    def _finish(operation: _winapi.Overlapped, deadline: float) -> int:
        """Bytes moved by the deadline. Raises `OSError` when there were none."""
        if _winapi.WaitForSingleObject(operation.event, _left_ms(deadline)) != _winapi.WAIT_OBJECT_0:
            operation.cancel()
        return operation.GetOverlappedResult(True)[0]

    def _left_ms(deadline: float) -> int:
        return max(0, round((deadline - time.monotonic()) * 1000 + 0.5))
