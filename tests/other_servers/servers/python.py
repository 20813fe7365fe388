"""An echo server on Python's websockets."""

import asyncio
import logging

import websockets

# Clients break rules on purpose; their errors are not logged.
logging.getLogger("websockets").setLevel(logging.CRITICAL)


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=2**24) as server:
        port = server.sockets[0].getsockname()[1]
        print(f"listening on port {port}", flush=True)
        await asyncio.Future()


asyncio.run(main())
