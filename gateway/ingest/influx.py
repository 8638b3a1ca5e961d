"""An InfluxDB v2 write API through influxdb-client: one synchronous write, its failures in our words."""

from __future__ import annotations

from gateway.ingest.kinds import KINDS
from gateway.ingest.victoria import Steward
from gateway.ingest.writer import State, WriteFailed, refusal
from gateway.site import Database
from gateway.trust.secret import read_secret

TIMEOUT_S = 30


class InfluxWriter:
    """The real one, through influxdb-client."""

    def __init__(self, database: Database) -> None:
        from influxdb_client.client.influxdb_client import InfluxDBClient  # noqa: PLC0415 # heavy, and only where there is a database
        from influxdb_client.client.write_api import SYNCHRONOUS  # noqa: PLC0415

        self._database = database
        self._steward = Steward(database) if KINDS[database.kind].counts else None
        self._client = InfluxDBClient(
            database.url,
            token=read_secret(database.token_from) or "none",
            org=database.org,
            timeout=TIMEOUT_S * 1000,
            retries=False,
        )
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, body: str, precision: str) -> None:
        """Return when it was accepted. Raises WriteFailed."""
        from influxdb_client.rest import ApiException  # noqa: PLC0415
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            self._api.write(
                self._database.bucket,
                self._database.org,
                body.encode(),
                write_precision=precision,  # type: ignore[arg-type] # its enum is plain strings
            )
        except ApiException as error:
            headers: dict[str, str] = dict(error.headers or {})
            after = headers.get("Retry-After", "")
            raise refusal(error.status or 0, error.reason or "", _text(error.body), after) from error
        except (HTTPError, OSError) as error:
            raise WriteFailed(str(error)[:300], gone=True) from error

    def state(self) -> State:
        """How it is by now. Raises WriteFailed."""
        return self._steward.state() if self._steward else State()

    def barrier(self) -> bool:
        """Put what was accepted on the disk. Raises WriteFailed."""
        return self._steward.barrier() if self._steward else False

    def close(self) -> None:
        """Let go of connections."""
        self._api.close()  # type: ignore[no-untyped-call] # influxdb-client
        self._client.close()  # type: ignore[no-untyped-call]
        if self._steward:
            self._steward.close()


def _text(body: object) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
