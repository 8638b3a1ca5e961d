"""A site and a device map written for what a simulator serves, so that the gateway can be run on it at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class SiteText:
    """One model, any number of buses with devices of it, one poll class."""

    site: str
    model: str
    period: str
    points: list[str] = field(default_factory=list)
    buses: list[str] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)

    def point(self, name: str, address: int, kind: str, coherent: str = "") -> None:
        """A holding register of the map."""
        together = f", coherent: {coherent}" if coherent else ""
        self.points.append(
            f"- {{name: {name}, table: holding, address: {address}, type: {kind}, poll: fast{together}}}"
        )

    def bus(self, name: str, address: str, units: list[tuple[str, int]]) -> None:
        """A Modbus TCP port and the devices behind it, each in a cell of its own name."""
        self.buses.append(f"- {{name: {name}, driver: modbus.tcp, address: '{address}'}}")
        for device, unit in units:
            self.cells.append(device)
            self.devices.append(
                f"- {{name: {device}, bus: {name}, map: {self.model}, unit: {unit}, cell: sim/line1/{device}}}"
            )

    def site_yaml(self) -> str:
        return "\n".join(
            [
                f"site: {self.site}",
                "gateway: gw1",
                f"lines:\n- area: sim\n  name: line1\n  cells: [{', '.join(self.cells)}]",
                f"poll_classes: {{fast: {self.period}}}",
                "buses:",
                *self.buses,
                "devices:",
                *self.devices,
                "broker: {host: 127.0.0.1, port: 1883}",
                "commit: ssd",
                "",
            ]
        )

    def map_yaml(self) -> str:
        return "\n".join([f"about: Written by the simulators for {self.site}", "points:", *self.points, ""])


def write_site(folder: Path, text: SiteText) -> Path:
    """``site.yaml`` and ``devices/<model>.yaml`` in a folder; the site's path."""
    (folder / "devices").mkdir(parents=True, exist_ok=True)
    (folder / "devices" / f"{text.model}.yaml").write_text(text.map_yaml(), "utf-8")
    file = folder / "site.yaml"
    file.write_text(text.site_yaml(), "utf-8")
    return file
