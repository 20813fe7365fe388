"""The driver of the Python package websockets."""

import asyncio
import os

try:
    from websockets.asyncio.client import connect
except ImportError:  # before 13.0
    from websockets.client import connect

from websockets.exceptions import ConnectionClosed

BASE = os.environ["CONFORMANCE_URL"]
AGENT = "websockets"
MAX_SIZE = 2**25  # 9.x has 16 MiB


async def command(path):
    """Connects, and returns the message of the server, or None."""
    async with connect(BASE + path) as socket:
        try:
            return await socket.recv()
        except ConnectionClosed:
            return None


async def run_case(number):
    path = f"/runCase?case={number}&agent={AGENT}"
    async with connect(BASE + path, max_size=MAX_SIZE) as socket:
        try:
            async for message in socket:
                await socket.send(message)
        except ConnectionClosed:
            pass  # the error of a case


async def main():
    count = int(await command("/getCaseCount"))
    for number in range(1, count + 1):
        await run_case(number)
    await command(f"/updateReports?agent={AGENT}")


asyncio.run(main())
