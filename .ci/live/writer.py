"""The separate writer under a live systemd: it starts, two persons send a value, and the journal hears of it."""

# ruff: noqa: INP001

from __future__ import annotations

import json
import re
from typing import Protocol

TAG = "area1/line1/unit1/holding_3"
LIST = """\
within: 10min
people:
  - operator: "17"
    key: {first}
  - operator: "18"
    key: {second}
devices:
  - {{name: unit1, driver: modbus.tcp, address: "127.0.0.1:5020", unit: 1}}
setpoints:
  - tag: {tag}
    device: unit1
    function: 6
    address: 3
    type: uint16
    uom: counts
    low: 0
    high: 65000
    step: 65000
    per_hour: 4
    interval: 5min
    propose: ["17", "18"]
    approve: ["17", "18"]
    read_back: {{settle: 100ms}}
"""


class Machine(Protocol):
    """Where commands are run."""

    def said(self, script: str) -> str:
        """What it printed; an error when it failed."""

    def is_true(self, script: str) -> bool:
        """Whether it ended well."""

    def until(self, script: str) -> bool:
        """Whether it came to end well in time."""


def installed(inside: Machine) -> None:
    """The package, two keys, the list."""
    inside.said("dpkg --install /tmp/in/lotwatch-writer_*.deb")
    first, second = (
        json.loads(inside.said(f"lotwatch user key /root/{each}.key --operator {each} --json"))["key"]
        for each in (17, 18)
    )
    text = LIST.format(first=first, second=second, tag=TAG)
    inside.said(
        f"cat >/etc/lotwatch-writer/list.yaml <<'END'\n{text}END\nchmod 644 /etc/lotwatch-writer/list.yaml"
    )


def written(inside: Machine) -> bool:
    """Nobody alone writes; two do, once. The device counts on by itself: what it holds in the end is its own affair."""
    ask = f"lotwatch-writer propose {TAG} 5 --reason trial --operator 17 --key /root/17.key --json"
    number = json.loads(inside.said(ask))["proposal"]
    approve = f"lotwatch-writer approve {number} --yes"
    alone = inside.is_true(f"{approve} --operator 17 --key /root/17.key")
    inside.is_true(f"{approve} --operator 18 --key /root/18.key")
    again = inside.is_true(f"{approve} --operator 18 --key /root/18.key")
    rows = inside.said("cat /var/lib/lotwatch-writer/audit*")
    return not alone and not again and len(re.findall('"kind": *"writing"', rows)) == 1


def told(inside: Machine) -> bool:
    """The journal gets the rows, and vouches for them."""
    inside.said("systemctl enable --now lotwatch-writer-tell@first")
    verify = "lotwatch-writer verify --data /var/lib/lotwatch/first --list /etc/lotwatch-writer/list.yaml"
    return inside.until(
        "lotwatch export events --data /var/lib/lotwatch/first | grep -q setpoint_asked"
    ) and inside.is_true(verify)


def two_persons_write_through_the_writer(inside: Machine) -> bool:
    """From the package to the row in the journal."""
    installed(inside)
    good = inside.is_true("lotwatch-writer check")
    inside.said("systemctl enable --now lotwatch-writer")
    return good and written(inside) and told(inside)
