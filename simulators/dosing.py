"""Devices of a dosing site on real sockets, by their maps; what people and faults do to them is called by name."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.ports import Clock
from gateway.site import Device, Site
from simulators.faults import Fault, Faults
from simulators.plant.dosing import Gravimetric, HopperScale, Wsb
from simulators.plant.weigh_blender import WeighBlender
from simulators.wire.image import Image
from simulators.wire.modbus import TcpUnits
from simulators.wire.station import Answer, Station
from simulators.wire.tunnel import Tunnel

Machine = Wsb | Gravimetric | HopperScale
COMPONENTS = {"maguire_wsb4": 4, "maguire_wsb12": 12}


class DosingRig:
    """A site's Modbus devices, running. Time passes when `second_ns` is set; machines are moved by who holds them."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self.machines: dict[str, Machine] = {
            device.name: machine_of(device) for device in site.devices if is_simulated(device)
        }
        self.faults = Faults()
        self.now_ns = 0
        self.images: dict[str, Image] = {}
        self._site, self._clock = site, clock
        self._units: list[TcpUnits] = []

    async def start(self, ports: Mapping[str, int] | None = None) -> dict[str, str]:
        """Listen; the address of each bus."""
        addresses = {}
        for bus in self._site.buses:
            stations = {}
            for device in self._site.devices:
                if device.bus == bus.name and device.name in self.machines:
                    image = (Tunnel if device.model in COMPONENTS else Image)(
                        device, self.machines[device.name].signals
                    )
                    self.images[device.name] = image
                    stations[device.unit] = Station(image, self.faults, lambda: self.now_ns)
            if stations:
                units = TcpUnits(stations, self._clock, _nobody, (ports or {}).get(bus.name, 0))
                self._units.append(units)
                addresses[bus.name] = await units.start()
        return addresses

    async def stop(self) -> None:
        for units in self._units:
            await units.stop()

    def fault(self, device: str, kind: str, seconds: float) -> None:
        """`silent`, `busy`, `drop`, ... of `simulators.faults`, from now on."""
        self.faults.add(Fault(self.now_ns, device, "", kind, for_ns=round(seconds * 1e9)))

    def wait(self, seconds: float) -> None:
        """Let time pass for the faults."""
        self.now_ns += round(seconds * 1e9)


def machine_of(device: Device) -> Machine:
    """What stands behind a device of that map."""
    if device.model in COMPONENTS:
        components = COMPONENTS[device.model]
        return Wsb(WeighBlender(components), components)
    return Gravimetric(WeighBlender()) if device.model == "gravimetric_blender" else HopperScale()


def is_simulated(device: Device) -> bool:
    """Whether a machine stands behind a device of that map."""
    return device.model in {
        *COMPONENTS, "gravimetric_blender", "loss_in_weight_feeder", "volumetric_doser",
    }  # fmt: skip


def _nobody(station: Station, table: str, address: int, answer: Answer) -> None:
    del station, table, address, answer
