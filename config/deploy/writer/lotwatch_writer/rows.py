"""What a writer's list may say. Closed: what is not here is an error."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.layout import ORDERS, WIDTHS
from gateway.plan.closed import Closed
from gateway.plan.words import (
    Bias,
    Duration,
    Name,
    Number,
    Operator,
    Positive,
    Scale,
    TagPath,
    Text,
    between,
    one_of,
    whole,
)

DRIVERS = ("modbus.tcp", "modbus.rtu")
_ADDRESS = Annotated[int, whole(0, 0xFFFF)]
_FUNCTIONS = "function 5 or 15 of a coil, 6 or 16 of a register"


class PersonRow(Closed):
    """Somebody who proposes or approves."""

    operator: Operator = Field(description="operator number, in quotes; no name of a person is in any file")
    key: Text = Field(description="public key, as `lotwatch user key` prints it")


class DeviceRow(Closed):
    """A device that has something to be written."""

    name: Name = Field(description="unique here")
    driver: Annotated[str, one_of("a driver", DRIVERS)] = Field(description="`modbus.tcp` or `modbus.rtu`")
    address: Text = Field(
        description="`host:port`, or the path of a serial port that the gateway has not open"
    )
    unit: Annotated[int, whole(1, 255)] = Field(
        description="Modbus unit id: 1 to 247, over TCP also 255; never 0"
    )
    timeout: Duration = Field(
        1_000_000_000, description="longest wait for an answer, at most 10s; 1s if not given"
    )
    baud: Annotated[int, whole(300, 4_000_000)] = Field(
        9600, description="of a serial port; 9600 if not given"
    )
    parity: Annotated[str, one_of("a parity", ("N", "E", "O"))] = Field(
        "N", description="`N`, `E`, `O`; N if not given"
    )
    data_bits: Annotated[int, whole(7, 8)] = Field(8, description="7 or 8; 8 if not given")
    stop_bits: Annotated[int, whole(1, 2)] = Field(1, description="1 or 2; 1 if not given")


class ReadBackRow(Closed):
    """Where a write is seen."""

    table: Annotated[str, one_of("a table", ("holding", "input", "coil", "discrete"))] | None = Field(
        None, description="`holding`, `input`, `coil` or `discrete`; what was written if not given"
    )
    address: _ADDRESS | None = Field(None, description="what was written if not given")
    tolerance: Annotated[float, between(0, 1e9)] = Field(
        0.0, description="in uom; the very number if not given"
    )
    settle: Duration = Field(
        1_000_000_000,
        description="from the device's answer to the first read-back, at most 60s; 1s if not given",
    )


class SetpointRow(Closed):
    """One value that may be written."""

    tag: TagPath = Field(description="area/line/cell/point; unique here")
    device: Name = Field(description="one of `devices`")
    function: Annotated[int, whole(5, 16)] = Field(description=_FUNCTIONS)
    address: _ADDRESS = Field(description="from 0, as on the wire")
    type: Annotated[str, one_of("a type", tuple(WIDTHS))] = Field(
        description="as in a device map; of a coil `bit`"
    )
    order: Annotated[str, one_of("an order", tuple(o for each in ORDERS.values() for o in each))] | None = (
        Field(None, description="as in a device map")
    )
    scale: Scale = Field("1", description="as in a device map: what is written is (value - bias) / scale")
    bias: Bias = Field("0", description="as in a device map")
    uom: Text = Field(description="unit of measure of value, range, step and tolerance")
    low: Number = Field(description="the lowest value that may be written")
    high: Number = Field(description="the highest value that may be written")
    step: Positive = Field(description="greatest change by one write, from what the device holds")
    per_hour: Annotated[int, whole(1, 60)] = Field(description="most writes in any hour")
    interval: Duration = Field(description="least time from one write to the next")
    propose: list[Operator] = Field(min_length=1, max_length=50, description="who may propose")
    approve: list[Operator] = Field(
        min_length=1, max_length=50, description="who may approve; never one's own"
    )
    read_back: ReadBackRow = Field(default_factory=ReadBackRow, description="where a write is seen")


class ListFile(Closed):
    """What may be written, and by whom."""

    within: Duration = Field(
        600_000_000_000, description="a proposal waits so long for its second person; 10min if not given"
    )
    people: list[PersonRow] = Field(min_length=2, max_length=100, description="who may sign")
    devices: list[DeviceRow] = Field(min_length=1, max_length=200, description="where is written")
    setpoints: list[SetpointRow] = Field(min_length=1, max_length=500, description="what may be written")
