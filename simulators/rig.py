"""Devices of a site put on free ports and ptys, each fed by the machine of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.ports import Clock
from gateway.site import Bus, Device, Site
from simulators.beside import Beside
from simulators.dosing import COMPONENTS
from simulators.faults import Faults
from simulators.pace import Pace
from simulators.plant.line import Plant
from simulators.plant.machine import Value
from simulators.served import ServedLog
from simulators.wire.barcode import ScannerPort
from simulators.wire.image import Image
from simulators.wire.modbus import ModbusUnits, RtuUnits, TcpUnits
from simulators.wire.port import SerialPort, World
from simulators.wire.rfid import ReaderPort
from simulators.wire.scale import ScalePort
from simulators.wire.station import Answer, Station
from simulators.wire.tunnel import Tunnel


class RigError(ValueError):
    """The site has something that nobody simulates."""


class Rig:
    """A site's devices, running. `ports` names bus by bus where the gateway finds them."""

    def __init__(
        self, site: Site, plant: Plant, pace: Pace, faults: Faults, clock: Clock, log: ServedLog
    ) -> None:
        self._site, self._plant, self._pace, self._faults = site, plant, pace, faults
        self._clock, self._log = clock, log
        self._beside = Beside(site, plant.machines, seed=1)
        self._units: list[ModbusUnits] = []
        self._ports: list[SerialPort] = []
        self._unasked: set[str] = set()
        self.ports: dict[str, str] = {}
        self.scanners: dict[str, ScannerPort] = {}
        self.readers: dict[str, ReaderPort] = {}

    async def start(self) -> None:
        """Every bus of the site gets its devices. Raises RigError, MapMismatch."""
        for bus in self._site.buses:
            devices = [device for device in self._site.devices if device.bus == bus.name]
            if not devices:
                continue
            if bus.driver.startswith("modbus."):
                self.ports[bus.name] = await self._modbus(bus, devices)
            else:
                self.ports[bus.name] = self._serial(bus, devices[0])

    async def stop(self) -> None:
        for units in self._units:
            await units.stop()
        for port in self._ports:
            port.stop()

    def asked(self, device: str) -> None:
        """Somebody reads it: with the last of those that are read, plant time begins."""
        self._unasked.discard(device)
        if not self._unasked:
            self._pace.begin()

    async def _modbus(self, bus: Bus, devices: list[Device]) -> str:
        stations = {each.unit: Station(self._image(each), self._faults, self._pace) for each in devices}
        if bus.driver in {"modbus.tcp", "modbus.maguire_tcp"}:
            units: ModbusUnits = TcpUnits(stations, self._clock, self._served)
        elif bus.driver == "modbus.rtu":
            units = RtuUnits(stations, self._clock, self._served)
        else:
            raise RigError(f"bus {bus.name}: nobody simulates {bus.driver}")
        self._units.append(units)
        self._unasked |= {each.name for each in devices} - set(
            self._beside.machines
        )  # those number no answers
        return await units.start()

    def _serial(self, bus: Bus, device: Device) -> str:
        world = World(self._clock, self._pace, self._faults, self._log.shown)
        if bus.driver.startswith("serial.scale"):
            packing, talks = self._plant.packing, bus.driver != "serial.scale"
            words = str(bus.options.get("format", "st")) if talks else "sics"
            every_s = 0.1 if talks else 0.0
            port: SerialPort = ScalePort(
                device.name, lambda: packing.signals, packing.zero, world, every_s, words
            )
        elif bus.driver == "serial.barcode":
            port = self.scanners[device.name] = ScannerPort(device.name, world)
        elif bus.driver == "serial.rfid":
            port = self.readers[device.name] = ReaderPort(device.name, world)
        else:
            raise RigError(f"bus {bus.name}: nobody simulates {bus.driver}")
        self._ports.append(port)
        return port.start()

    def _image(self, device: Device) -> Image:
        return (Tunnel if device.model in COMPONENTS else Image)(device, self._signals(device.name))

    def _signals(self, name: str) -> Callable[[], Mapping[str, Value]]:
        if name in self._beside.machines:
            return self._beside.signals(name, self._pace)
        machine = self._plant.machines.get(name)
        if machine is None:
            raise RigError(f"no machine is called {name}; there are {', '.join(self._plant.machines)}")

        def now() -> Mapping[str, Value]:
            self._pace()
            return machine.signals

        return now

    def _served(self, station: Station, table: str, address: int, answer: Answer) -> None:
        self.asked(station.name)
        self._log.answered(station.name, answer.number, table, address, answer.words, answer.delay_ns)
