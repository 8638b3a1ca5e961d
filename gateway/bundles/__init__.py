"""A site's config from far away: signed by a key that the site's own config names, on probation before it stays.

Rule 1: a bundle changes what is read and how it is judged, never whom the box trusts: its site must be the one in
force in everything that only a restart can change: keys, users, broker, listeners.  Rule 2: what is on trial is in a
file before it is in force, so a trial that a kill cut short is judged at the next start.  Rule 3: a number is taken
once: an older bundle is refused for ever (docs/decisions/0116).
"""

from gateway.bundles.bundle import BYTES_MOST, BadBundle, Bundle, bundle_of, note_of, opened_bundle
from gateway.bundles.shelf import Shelf, at_start

__all__ = ["BYTES_MOST", "BadBundle", "Bundle", "Shelf", "at_start", "bundle_of", "note_of", "opened_bundle"]
