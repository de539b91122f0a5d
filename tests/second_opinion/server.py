"""The server under test: TARIFF_URL and TARIFF_API_KEY say which."""

import http.client
import json
import os
import threading
from decimal import Decimal
from urllib.parse import urlsplit

SECONDS_MAX = 60

_address = urlsplit(os.environ["TARIFF_URL"])
_headers = {"x-api-key": os.environ["TARIFF_API_KEY"], "content-type": "application/json"}
_threads = threading.local()


def call(method, path, body=None, expected=200):
    """The JSON of an answer, its numbers digit by digit; `body` may be JSON text already."""
    if not hasattr(_threads, "connection"):
        _threads.connection = http.client.HTTPConnection(_address.hostname, _address.port, timeout=SECONDS_MAX)
    connection = _threads.connection
    sent = body if isinstance(body, str) or body is None else json.dumps(body)
    connection.request(method, path, body=sent and sent.encode(), headers=_headers)
    response = connection.getresponse()
    answer = response.read().decode()
    if response.status != expected:
        raise SystemExit(f"{method} {path} answered {response.status}: {answer}\nto {sent}")
    return json.loads(answer, parse_float=Decimal, parse_int=Decimal)
