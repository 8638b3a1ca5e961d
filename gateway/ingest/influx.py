"""An InfluxDB v2 write API through influxdb-client: one synchronous write, its failures in our words."""

from __future__ import annotations

import re

from gateway.secret import read_secret
from gateway.site import Database


class WriteFailed(Exception):
    """The database did not take it. `permanent`: asking again will not help; `size`: it was too much at once."""

    def __init__(self, text: str, *, permanent: bool = False, size: bool = False, gone: bool = False) -> None:
        super().__init__(text)
        self.permanent, self.size, self.gone = permanent, size, gone


class InfluxWriter:
    """The real one, through influxdb-client."""

    def __init__(self, database: Database) -> None:
        from influxdb_client.client.influxdb_client import InfluxDBClient  # noqa: PLC0415 # heavy, and only where there is a database
        from influxdb_client.client.write_api import SYNCHRONOUS  # noqa: PLC0415

        self._database = database
        self._client = InfluxDBClient(
            database.url,
            token=read_secret(database.token_from) or "none",
            org=database.org,
            timeout=30_000,
            retries=False,
        )
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, lines: list[str], precision: str) -> None:
        """Return when it was accepted. Raises WriteFailed."""
        from influxdb_client.rest import ApiException  # noqa: PLC0415
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            self._api.write(
                self._database.bucket,
                self._database.org,
                "\n".join(lines),
                write_precision=precision,  # type: ignore[arg-type] # its enum is plain strings
            )
        except ApiException as error:
            status = error.status or 0
            raise WriteFailed(
                f"{status} {error.reason}: {str(error.body)[:300]}",
                permanent=status in (400, 422),
                size=status == 413,
            ) from error
        except (HTTPError, OSError) as error:
            raise WriteFailed(str(error)[:300], gone=True) from error

    def run(self) -> str:
        """When a VictoriaMetrics says that it started. Raises WriteFailed when nobody answers."""
        if self._database.kind != "victoriametrics":
            return ""
        import urllib3  # noqa: PLC0415 # influxdb-client brings it

        try:
            answer = urllib3.request(
                "GET", f"{self._database.url.rstrip('/')}/metrics", timeout=10, retries=False
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise WriteFailed(str(error)[:300], gone=True) from error
        found = re.search(rb"^vm_app_start_timestamp\S* (\d+)", answer.data, re.MULTILINE)
        return found[1].decode() if found else ""

    def close(self) -> None:
        """Let go of connections."""
        self._api.close()  # type: ignore[no-untyped-call] # influxdb-client
        self._client.close()  # type: ignore[no-untyped-call]
