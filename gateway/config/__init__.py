"""Config: YAML files to a `Site`, or every problem at once.

A problem is ``file:line:col: path: what, and the nearest right word``.
"""

from gateway.config.models import schema
from gateway.config.problems import ConfigErrors, Problem
from gateway.config.reader import Loaded, load, read, site_hash

__all__ = ["ConfigErrors", "Loaded", "Problem", "load", "read", "schema", "site_hash"]
