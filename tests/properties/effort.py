"""How hard hypothesis tries: a few seconds at a desk, more under CI=true, as much more as asked for by hand.

ACADEMY_TEST_TIMES=30 pytest tests/properties -k machine -o faulthandler_timeout=0
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

THOROUGH = os.environ.get("CI") == "true"
TIMES = int(os.environ.get("ACADEMY_TEST_TIMES", "1"))


def effort(quick: int, thorough: int, *, steps: int = 50) -> settings:
    """Return the settings of a property: examples at a desk and in CI, times ACADEMY_TEST_TIMES; steps of a stateful one.

    No deadline: on a busy machine a single example may take long. Fixtures are per test and not per example: where
    that matters the property says how it starts afresh.
    """
    return settings(
        max_examples=(thorough if THOROUGH else quick) * TIMES,
        stateful_step_count=steps,
        deadline=None,
        report_multiple_bugs=False,
        phases=[phase for phase in Phase if phase is not Phase.explain],
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )
