"""Readings out of journals and replicas as a Parquet file, in the time of ten minutes after ten minutes.

Needs pyarrow, the extra "parquet": nothing that runs at a plant loads it, and only `lotwatch export parquet` does.
"""

from gateway.parquet.file import Asked, NotExportable, Written, write

__all__ = ["Asked", "NotExportable", "Written", "write"]
