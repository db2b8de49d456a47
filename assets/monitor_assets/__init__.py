"""Files that the application shows or ships: icons and report templates, read through ``importlib.resources``."""
