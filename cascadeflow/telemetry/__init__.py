"""Money: budgets, the tracker that holds them, and where the counters live."""

from cascadeflow.telemetry.anomaly import Anomaly
from cascadeflow.telemetry.budgets import ANONYMOUS, BudgetConfig, BudgetStatus
from cascadeflow.telemetry.cost_tracker import CostTracker, Reservation
from cascadeflow.telemetry.forecast import Forecast

__all__ = ["ANONYMOUS", "Anomaly", "BudgetConfig", "BudgetStatus", "CostTracker", "Forecast", "Reservation"]
