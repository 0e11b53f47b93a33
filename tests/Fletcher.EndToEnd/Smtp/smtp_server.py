"""A mail server for tests: smtp_server.py FOLDER [--drop DIVISOR]

Keeps each message that it is given as FOLDER/N.eml, with the envelope's recipients in FOLDER/N.to, and says the port that
the system chose on its first line of output. It ends when its standard input does.

With --drop, it breaks the connection while it is given every DIVISOR-th message: after the data, before the answer, when a
client cannot know what became of the message. Those are kept as N.dropped.
"""
import asyncio
import pathlib
import sys

from aiosmtpd.smtp import SMTP

folder = pathlib.Path(sys.argv[1])
divisor = int(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[2] == "--drop" else 0
count = 0


class Handler:
    async def handle_DATA(self, server, session, envelope):
        global count
        count += 1
        number = count
        dropped = divisor and number % divisor == 0
        (folder / f"{number}.to").write_text("\n".join(envelope.rcpt_tos))
        (folder / f"{number}.{'dropped' if dropped else 'eml'}").write_bytes(envelope.content)
        if dropped:
            server.transport.abort()
        return "250 OK"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), hostname="localhost"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
