"""The project on a port of its own: ``python -m tests.django_admin.serve FOLDER USER`` prints its address, then serves.

USER is a superuser; the password comes in DJANGO_SUPERUSER_PASSWORD.
"""

from __future__ import annotations

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application


class _Threads(ThreadingMixIn, WSGIServer):
    """A browser asks for a page's parts at the same time."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


def main() -> None:
    os.environ["DJANGO_ADMIN_FOLDER"] = sys.argv[1]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.django_admin.settings"
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("createsuperuser", interactive=False, username=sys.argv[2], email="desk@example.invalid", verbosity=0)
    with make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), _Threads, _Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
