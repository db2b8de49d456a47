"""The application shell of Claude Monitor: tray icon, menu, listener, writer, command line and installers."""

__version__ = "0.1.0"
