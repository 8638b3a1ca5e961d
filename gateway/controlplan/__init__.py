"""The control plan in the fold: which revision is in force, which checks are due, what their results decide. Pure."""

from gateway.controlplan.due import Dues
from gateway.controlplan.found import Back, Failed, Found, Missed, Quarantine
from gateway.controlplan.revisions import Revisions
from gateway.controlplan.values import Due, Next, Owed, Seen

__all__ = [
    "Back",
    "Due",
    "Dues",
    "Failed",
    "Found",
    "Missed",
    "Next",
    "Owed",
    "Quarantine",
    "Revisions",
    "Seen",
]
