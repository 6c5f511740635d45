"""A stop, by whatever route it came."""

from leadwake.workflows.replies import _in_flight_settled as in_flight_settled
from leadwake.workflows.replies import opt_out

__all__ = ["in_flight_settled", "opt_out"]
