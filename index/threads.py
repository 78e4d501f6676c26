"""How many threads the model and the matrix products of scoring run on."""

from __future__ import annotations

import os


def wanted_threads() -> int:
    """What OMP_NUM_THREADS asks for; 1 where it asks for nothing."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(wanted)) if wanted.isdecimal() else 1


def limit_blas() -> None:
    """Lets numpy's matrix products in this process run on as many threads as the model.

    A question's products are small: on two threads they take longer than on one (1.5 ms and 12 ms
    on two busy cores), since the threads wait for each other.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(wanted_threads(), user_api="blas")
