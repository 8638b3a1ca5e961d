"""EPCIS events out of journals and replicas: what `gateway.epcis` says of what `gateway.journal` has.

Rule: nothing is kept beside the journal. An EPCIS event is made of a lot event whenever somebody asks.
"""

from gateway.repository.events import EventStream, Place
from gateway.repository.store import Page, Repository, StillReading, Stopped

__all__ = ["EventStream", "Page", "Place", "Repository", "StillReading", "Stopped"]
