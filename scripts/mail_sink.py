#!/usr/bin/env python3
"""A mail server for tests: takes every mail and prints it as a line of JSON.

    scripts/mail_sink.py [--port 0] [--cert FILE --key FILE] [--wrapped] [--user NAME:PASSWORD]

The first line is its port. Addresses that begin with `refuse` are refused for good (550), those that
begin with `later` for now (451). With a certificate it offers STARTTLS and takes nothing without it,
or speaks TLS from the first byte (`--wrapped`).
"""

import argparse
import asyncio
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, wrapped):
        self.wrapped = wrapped

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later"):
            return "451 4.3.0 try again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": self.wrapped or session.ssl is not None,
            "data": envelope.content.decode("utf-8", "replace"),
        }
        print(json.dumps(mail), flush=True)
        return "250 2.0.0 taken by the sink"


async def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--cert")
    options.add_argument("--key")
    options.add_argument("--wrapped", action="store_true")
    options.add_argument("--user")
    options = options.parse_args()
    context = None
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)

    def sign_in(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == options.user, handled=False)

    def conversation():
        starttls = context if context and not options.wrapped else None
        return SMTP(
            Handler(options.wrapped),
            hostname="sink.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=sign_in if options.user else None,
            auth_required=options.user is not None,
            auth_require_tls=False,
        )

    wrapped = context if options.wrapped else None
    server = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", options.port, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
