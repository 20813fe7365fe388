"""Runs plans with the package websockets; reads and writes JSON."""

import asyncio
import json
import os
import sys
import time

import websockets

AT_ONCE = 16
CLOSE_AFTER = 0.3


def shown(message):
    if not isinstance(message, str):
        return f"{len(message)} bytes"
    return f"{len(message)} letters" if len(message) > 40 else message


async def run_plan(plan):
    start = time.monotonic()
    report = {
        "opened": False,
        "ended": None,
        "code": None,
        "clean": None,
        "error": None,
        "messages": [],
    }

    def end(error=None):
        report["ended"] = (time.monotonic() - start) * 1000
        report["error"] = error and type(error).__name__

    async def run():
        try:
            socket = await websockets.connect(
                plan["url"], subprotocols=plan["protocols"] or None
            )
        except Exception as error:
            return end(error)
        report["opened"] = True
        loop = asyncio.get_running_loop()
        if plan["closes"]:
            loop.create_task(socket.close(1000))
        try:
            while True:
                message = await socket.recv()
                if not report["messages"]:
                    close = lambda: loop.create_task(socket.close(1000))
                    loop.call_later(CLOSE_AFTER, close)
                report["messages"].append(shown(message))
        except websockets.ConnectionClosed as error:
            # The connection is over when TCP is.
            await socket.wait_closed()
            report["code"] = socket.close_code
            report["clean"] = error.rcvd is not None and error.sent is not None
            is_ok = isinstance(error, websockets.ConnectionClosedOK)
            end(None if is_ok else error)
        except Exception as error:
            end(error)

    await asyncio.wait([asyncio.create_task(run())], timeout=plan["limit"] / 1000)
    return dict(report)


async def play_all(plans):
    places = asyncio.Semaphore(AT_ONCE)

    async def play_in_place(plan):
        async with places:
            return await run_plan(plan)

    return await asyncio.gather(*map(play_in_place, plans))


if len(sys.argv) > 1:
    print(websockets.__version__)
    sys.exit()

reports = asyncio.new_event_loop().run_until_complete(play_all(json.load(sys.stdin)))
json.dump(reports, sys.stdout)
sys.stdout.flush()
os._exit(0)  # connections that are still open end with the process
