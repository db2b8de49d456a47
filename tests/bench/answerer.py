"""The control of the ingest: answers each line at once and keeps nothing, with the least that a listener needs."""

import os
import selectors
import socket
import sys


def main() -> None:
    os.chdir(sys.argv[1])
    selector = selectors.DefaultSelector()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("hook.sock")
        listener.listen(1_024)
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    client, _ = listener.accept()
                    selector.register(client, selectors.EVENT_READ, client)
                elif key.data.recv(65_536):
                    key.data.send(b'{"ok":true}\n')
                else:
                    selector.unregister(key.data)
                    key.data.close()


if __name__ == "__main__":
    main()
