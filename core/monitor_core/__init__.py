"""The library of Claude Monitor: model, time accounting, store, ingest and reports.

No user interface, no sockets, no threads and no clock of its own: time, paths and the database come in as arguments.
"""
