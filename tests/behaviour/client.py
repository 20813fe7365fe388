"""Carries out plans with websocket-client; reads and writes JSON."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import websocket

AT_ONCE = 16
TIMEOUT = 20


def carry_out(plan):
    start = time.monotonic()

    def now():
        return (time.monotonic() - start) * 1000

    texts, pings = [], []
    try:
        socket = websocket.create_connection(
            plan["url"], subprotocols=plan["protocols"], timeout=TIMEOUT
        )
    except websocket.WebSocketBadStatusException as error:
        refused = {"status": error.status_code}
        return {"protocol": "", "texts": [], "refused": refused}
    opened = now()

    def is_done():
        ticks = sum(text.startswith("{") for _, text in texts)
        return (
            not plan["closes"]
            and ticks >= plan["ticks"]
            and len(texts) - ticks >= plan["answers"]
            and len(pings) >= plan["pings"]
            and now() - opened >= plan["quiet"]
        )

    seen = {"protocol": socket.subprotocol or "", "texts": texts, "pings": pings}
    try:
        for text in plan["texts"]:
            socket.send(text)
    except OSError:
        pass  # cut off; received messages can still be read
    while not is_done():
        if plan["quiet"] and not plan["closes"]:
            socket.settimeout(plan["quiet"] / 1000)
        try:
            opcode, frame = socket.recv_data_frame(control_frame=True)
        except websocket.WebSocketTimeoutException:
            continue
        except (websocket.WebSocketConnectionClosedException, OSError):
            seen["close"] = {"ms": now(), "code": 1006, "reason": ""}
            return seen
        if opcode == websocket.ABNF.OPCODE_TEXT:
            texts.append([now(), frame.data.decode()])
        elif opcode == websocket.ABNF.OPCODE_PING:
            pings.append(frame.data.decode())
        elif opcode == websocket.ABNF.OPCODE_CLOSE:
            code = int.from_bytes(frame.data[:2], "big")
            reason = frame.data[2:].decode()
            seen["close"] = {"ms": now(), "code": code, "reason": reason}
            return seen
    socket.shutdown()
    return seen


plans = json.load(sys.stdin)
with ThreadPoolExecutor(AT_ONCE) as threads:
    json.dump(list(threads.map(carry_out, plans)), sys.stdout)
