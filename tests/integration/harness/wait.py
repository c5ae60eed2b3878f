"""Waiting for something to become true, never for a time to pass."""

import time


def wait_until(condition, what, seconds=60.0):
    """Polls until condition() is true and returns its value; after `seconds` the test fails, saying `what`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what() if callable(what) else what}")
        time.sleep(0.02)
