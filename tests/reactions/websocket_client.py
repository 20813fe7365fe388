"""Runs plans with the package websocket-client; reads and writes JSON."""

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import websocket

AT_ONCE = 16
CLOSE_AFTER = 0.3


def shown(kind, data):
    if kind != websocket.ABNF.OPCODE_TEXT:
        return f"{len(data)} bytes"
    text = data.decode()
    return f"{len(text)} letters" if len(text) > 40 else text


def receive(socket, report):
    while True:
        try:
            kind, data = socket.recv_data()
        except websocket.WebSocketTimeoutException:
            return socket.close()
        if kind == websocket.ABNF.OPCODE_CLOSE:
            if len(data) >= 2:
                report["code"] = int.from_bytes(data[:2], "big")
            return socket.shutdown()
        report["messages"].append(shown(kind, data))
        socket.settimeout(CLOSE_AFTER)


def run_plan(plan):
    start = time.monotonic()
    report = {
        "opened": False,
        "ended": None,
        "code": None,
        "clean": None,
        "error": None,
        "messages": [],
    }

    def run():
        try:
            socket = websocket.create_connection(
                plan["url"], subprotocols=plan["protocols"] or None
            )
            report["opened"] = True
            try:
                if not plan["closes"]:
                    receive(socket, report)
            finally:
                socket.close()
        except Exception as error:
            report["error"] = type(error).__name__
        report["ended"] = (time.monotonic() - start) * 1000

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(plan["limit"] / 1000)
    return dict(report)


if len(sys.argv) > 1:
    print(websocket.__version__)
    sys.exit()

plans = json.load(sys.stdin)
with ThreadPoolExecutor(AT_ONCE) as threads:
    reports = list(threads.map(run_plan, plans))
json.dump(reports, sys.stdout)
sys.stdout.flush()
os._exit(0)  # connections that are still open end with the process
