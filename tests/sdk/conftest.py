"""What the tests of the official Python SDK share. TARIFF_URL and TARIFF_API_KEY say which server."""

import os
import uuid

import pytest
from flexprice import Flexprice

URL = os.environ["TARIFF_URL"]
API_KEY = os.environ["TARIFF_API_KEY"]


@pytest.fixture
def sdk():
    with Flexprice(server_url=f"{URL}/v1", api_key_auth=API_KEY) as client:
        yield client


@pytest.fixture
def name():
    """A name that no other test uses."""
    return uuid.uuid4().hex[:12]
