"""The errors that callers may want to tell apart.

    MonitorError                 anything that a person should read as one sentence
    ├── ConfigError              config.toml or an environment variable has a bad value
    ├── WireError                a line that is no event and no command
    ├── StoreError               the database cannot be opened, read or written
    │   └── StoreTooNewError     the database was written by a later version
    ├── PipeError                the local pipe cannot be opened or does not answer
    ├── AlreadyRunningError      another process owns the store
    └── SettingsError            Claude Code's settings cannot be read or must not be changed

Every message says what failed, with which value, and what to do about it.
"""


class MonitorError(Exception):
    """Base of all errors whose text is meant for a person."""


class ConfigError(MonitorError):
    """A setting or an environment variable has a value that cannot be used."""


class WireError(MonitorError):
    """A line is not an event of the wire format (hook/PROTOCOL.md)."""


class StoreError(MonitorError):
    """The database cannot be opened, read or written."""


class StoreTooNewError(StoreError):
    """The database's schema is of a later version than this program's."""


class PipeError(MonitorError):
    """The local pipe cannot be opened, or nobody answers on it."""


class AlreadyRunningError(MonitorError):
    """Another process holds the single-instance lock."""


class SettingsError(MonitorError):
    """Claude Code's settings cannot be read, or changing them would lose something."""
