"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Timings say nothing on a busy machine; a test fails for what is wrong, not for what is slow.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")
