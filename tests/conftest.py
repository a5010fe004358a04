"""What all tests share."""

import os
import shutil

import pytest
import structlog

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The Chromium of this machine; tests that need it are skipped where there is none, unless it is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return found
    if os.environ.get("QUIZBOT_REQUIRE_BROWSER"):
        pytest.fail("QUIZBOT_REQUIRE_BROWSER is set, and no Chromium is installed")
    pytest.skip("no Chromium here; install it (Debian: apt-get install chromium) to run the browser tests")
