"""The probe against stores that keep less than they should, and `check --online` and `sink-probe` on what it says."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.ingest import probestore
from gateway.ingest.probe import LOT, NotThatKind, probe
from gateway.ingest.probestore import Influx2Store, Row
from gateway.ingest.refused import RefusedPoints
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.ingest.writer import WriteFailed
from gateway.site import Database
from tests.unit.ingest.http_server import Answering, serving
from tests.unit.wire import samples

NOW = 1_763_712_000_000_000_000
pytestmark = pytest.mark.usefixtures("sites_read_here")


class Keeping:
    """A store with the manners of one kind, some of them worse. `less`: what it does not keep."""

    def __init__(self, kind: str = "influxdb", *less: str) -> None:
        self.kind, self.less, self.kept, self.forgotten = kind, less, dict[tuple[str, int], object](), ""
        self.writer = self

    def recognised(self) -> tuple[str, str]:
        return self.kind, "9.9"

    def write(self, lines: list[str]) -> None:
        if "access" in self.less:
            raise WriteFailed("401 Unauthorized")
        unread = 0
        for line in lines:
            rest = line.partition(",lot=")[2]
            fields, _, stamp = rest.rpartition(" ")
            name, found, value = fields.rpartition(" ")[2].partition("=") if '"' not in fields else (
                fields.split(" ")[-2 if "lot B" in fields else -1].partition("=")
            )  # fmt: skip
            if not found:
                unread += 1
            elif name == "f0":
                for each in fields.rpartition(" ")[2].split(","):
                    one, _, other = each.partition("=")
                    self._keep(one, other, int(stamp))
            elif value == '"x"':
                if "conflict" not in self.less:
                    raise WriteFailed("422 type conflict", permanent=True, points=True)
            else:
                self._keep(name, "lot B-7" if name == "text" else value, int(stamp))
        if unread and "bad line" not in self.less:
            raise WriteFailed("400 unable to parse", permanent=True, points=True)

    def _keep(self, name: str, value: str, time: int) -> None:
        number: object = value if name == "text" else int(value[:-1]) if name == "wide" else float(value)
        if name == "text" and "strings" in self.less:
            number = 0
        if name == "wide" and "integers" in self.less:
            number = float(value[:-1])
        if name.startswith("f") and "digits" in self.less:
            number = float(f"{number:.5g}")
        self.kept[name, time // 10**6 * 10**6 if "time" in self.less else time] = number

    def rows(self, measurement: str, t0: int, t1: int) -> list[Row]:
        assert measurement.startswith("lotwatch_probe_")
        assert t0 < t1
        return [(LOT, name, time, value) for (name, time), value in self.kept.items()]

    def forget(self, measurement: str, t0: int, t1: int) -> None:
        assert t0 < t1
        if "delete" in self.less:
            raise WriteFailed("403 Forbidden")
        self.forgotten = measurement

    def barrier(self) -> bool:
        return "snapshot" not in self.less

    def close(self) -> None:
        pass


def probed(*less: str):
    store: Any = Keeping("influxdb", *less)
    return probe(Database("http://db"), store, "abc", NOW, lambda _: None)


def test_one_that_keeps_all_is_good_and_left_clean():
    store: Any = Keeping()
    made = probe(Database("http://db"), store, "abc", NOW, lambda _: None)
    assert made.good, [each for each in made.answers if not each.good]
    assert (made.cleaned, store.forgotten) == (True, "lotwatch_probe_abc")
    found = {each.key: each.found for each in made.answers}
    assert (found["time"], found["strings"], found["digits"]) == ("ns", "yes", "17")
    assert found["rewrite"] == "the last"


@pytest.mark.parametrize("less", ["time", "strings", "integers", "digits", "bad line", "conflict"])
def test_what_is_not_kept_is_found(less):
    made = probed(less)
    assert [each.key for each in made.answers if not each.good] == [less]
    assert not made.good


def test_what_cannot_be_deleted_is_said():
    made = probed("delete")
    assert not made.cleaned
    assert "lotwatch_probe_abc: 403" in made.left


def test_another_kind_is_not_written_to():
    store: Any = Keeping("victoriametrics")
    with pytest.raises(NotThatKind, match="victoriametrics"):
        probe(Database("http://db"), store, "abc", NOW, lambda _: None)
    assert store.kept == {}


def test_one_that_never_shows_what_it_took_is_told():
    store: Any = Keeping()
    store.rows = lambda *_: []
    pauses: list[float] = []
    with pytest.raises(WriteFailed, match="does not show"):
        probe(Database("http://db"), store, "abc", NOW, pauses.append)
    assert len(pauses) > 100


# annotated CSV as InfluxDB 2's documentation of Flux output shows it, with our own columns
ANNOTATED = b"""#datatype,string,long,string,string,long,double\r
,result,table,lot,field,ns,value\r
,_result,0,"B-7 a,b=c",one,1700000000000000001,1.5\r
\r
#datatype,string,long,string,string,long,long\r
,result,table,lot,field,ns,value\r
,_result,1,"B-7 a,b=c",wide,1700000000000000001,9007199254740993\r
\r
"""


def test_influxdb_2_is_asked_by_flux():
    def reply(asked):
        if asked.path.startswith("/api/v2/query"):
            return 200, ANNOTATED, {}
        return 204, b"", {"X-Influxdb-Version": "v2.7.1"}

    with serving(Answering(reply)) as stage:
        store = Influx2Store(Database(stage.url))
        assert store.recognised() == ("influxdb", "2.7.1")
        assert store.rows("m", 0, 10**9) == [
            (LOT, "one", 1_700_000_000_000_000_001, 1.5),
            (LOT, "wide", 1_700_000_000_000_000_001, 2**53 + 1),
        ]
        store.forget("m", 0, 10**9)
        store.close()
        body = orjson.loads(stage.asked[-1].body)
    assert body == {
        "start": "1970-01-01T00:00:00Z", "stop": "1970-01-01T00:00:01Z", "predicate": '_measurement="m"'
    }  # fmt: skip


SITE = """site: north
gateway: box
lines: []
buses: []
devices: []
broker:
  host: 127.0.0.1
database:
  url: http://127.0.0.1:9
  precision: ns
"""


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return path


def run(*words: str):
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize(
    ("less", "where", "says"),
    [
        ("strings", "9:3: database.kind", "lots would turn into zeros"),
        ("time", "10:14: database.precision", "keeps times to ms"),
        ("access", "database.token_from", "does not let us in"),
    ],
)
def test_check_online_names_the_line_of_the_config(site, monkeypatch, less, where, says):
    monkeypatch.setattr(probestore, "probe_store", lambda _: Keeping("influxdb", less))
    done = run("check", "--online", str(site))
    assert done.exit_code == 78
    assert says in done.output
    assert where.rpartition(" ")[2] in done.output
    assert "site.yaml:" in done.output


def test_check_online_where_all_is_good_and_where_nobody_is(site, monkeypatch):
    done = run("check", "--online", str(site))
    assert done.exit_code == 78
    assert "9:8: database.url: cannot be reached: 127.0.0.1:9" in done.output
    monkeypatch.setattr(probestore, "probe_store", lambda _: Keeping())
    assert run("check", "--online", str(site)).exit_code == 0


def test_check_online_wants_a_database_and_its_secret(site):
    done = run("check", "--online", str(site), "--set", "database.token_from=file:/no/such-word")
    assert (done.exit_code, "such-word" in done.output) == (78, True)
    site.write_text(SITE.partition("database:")[0])
    done = run("check", "--online", str(site))
    assert (done.exit_code, "name a database" in done.output) == (78, True)


@pytest.mark.long
def test_sink_probe_prints_a_table_or_an_object(site, monkeypatch):
    monkeypatch.setattr(probestore, "probe_store", lambda _: Keeping("influxdb", "digits"))
    done = run("sink-probe", str(site))
    assert done.exit_code == 1
    assert "how many digits of a float?" in done.output
    assert "LESS" in done.output
    monkeypatch.setattr(probestore, "probe_store", lambda _: Keeping())
    done = run("sink-probe", str(site), "--json")
    assert done.exit_code == 0
    assert orjson.loads(done.stdout)["good"]


@pytest.mark.long
def test_sink_probe_without_anybody_there(site):
    done = run("sink-probe", str(site))
    assert (done.exit_code, "refused" in done.output) == (69, True)


def test_influxdb_client_is_not_for_influxdb_1(site):
    done = run("check", str(site), "--set", "database.kind=influxdb1", "--set", "database.writer=client")
    assert done.exit_code == 78
    assert "database.writer: influxdb-client does not know InfluxDB 1.x" in done.output


@pytest.mark.long
def test_dead_letters_are_shown_and_sent_again(site, tmp_path):
    data = tmp_path / "data"
    replicas = Replicas(data)
    given = samples.inputs(1, 10)
    given[0] = samples.config(1)
    replicas.of(samples.IDENTITY).store(given, [])
    replicas.close()
    assert run("dead-letters", "--data", str(data)).exit_code == 0
    with serving(Answering()) as stage:
        series = "reading,area=hall,cell=press1,line=line1,point=shots,site=north"
        folder = replica_folder(data, samples.IDENTITY)
        RefusedPoints(folder).put(stage.url, "input", [(4, f"{series} value=7 4")], "type conflict", 1)
        done = run("dead-letters", "--data", str(data))
        assert done.exit_code == 1
        assert "1 points of input 4: type conflict" in done.output
        assert run("dead-letters", "--data", str(data), "--retry").exit_code == 2
        done = run(
            "dead-letters", str(site), "--data", str(data), "--retry", "--set", f"database.url={stage.url}"
        )
        assert done.exit_code == 0, done.output
        assert b"value=70004," in stage.asked[-1].body
    assert orjson.loads(run("dead-letters", "--data", str(data), "--json").stdout)["letters"] == []


def test_dead_letters_of_nowhere(tmp_path):
    assert run("dead-letters", "--data", str(tmp_path / "none")).exit_code == 2
