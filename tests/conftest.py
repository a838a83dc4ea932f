"""What all tests share: a machine that is busy is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("brightrun", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("brightrun")
