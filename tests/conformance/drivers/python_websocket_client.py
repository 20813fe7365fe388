"""The driver of the Python package websocket-client."""

import os

import websocket
from websocket import ABNF

BASE = os.environ["CONFORMANCE_URL"]
AGENT = "websocket-client"
TIMEOUT = 60  # seconds of each read; the longest case has less


def command(path):
    """Connects, and returns the message of the server, or an empty text."""
    socket = websocket.create_connection(BASE + path, timeout=TIMEOUT)
    try:
        return socket.recv()
    finally:
        socket.close()


def run_case(number):
    path = f"/runCase?case={number}&agent={AGENT}"
    socket = websocket.create_connection(BASE + path, timeout=TIMEOUT)
    status = websocket.STATUS_NORMAL
    try:
        while True:
            opcode, message = socket.recv_data()
            if opcode == ABNF.OPCODE_CLOSE:
                break  # the library has answered it
            socket.send(message, opcode)
    # The library raises an error, and leaves the CLOSE to the program.
    except websocket.WebSocketPayloadException:
        status = websocket.STATUS_INVALID_PAYLOAD
    except websocket.WebSocketProtocolException:
        status = websocket.STATUS_PROTOCOL_ERROR
    except (websocket.WebSocketException, OSError):
        pass  # the connection has ended
    finally:
        socket.close(status)


def main():
    count = int(command("/getCaseCount"))
    for number in range(1, count + 1):
        run_case(number)
    command(f"/updateReports?agent={AGENT}")


main()
