"""Hypothesis fails no test by the clock: a busy machine is no fault of the code. Where the variable
CI is set it tries the same inputs in every run, as is its own custom."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "untimed", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")
