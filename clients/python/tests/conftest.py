from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deployment import Deployment


@pytest.fixture(scope="session")
def services() -> Iterator[Deployment]:
    """Shared by tests that break nothing; each has users of its own."""
    deployment = Deployment()
    yield deployment
    deployment.close()


@pytest.fixture
def own_services() -> Iterator[Deployment]:
    """For a test that breaks them, or needs them empty."""
    deployment = Deployment()
    yield deployment
    deployment.close()


@pytest.fixture
def secure_services() -> Iterator[Deployment]:
    deployment = Deployment("--secure")
    yield deployment
    deployment.close()
