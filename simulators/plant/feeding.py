"""Where material comes from: silo, dryer, granulator."""

from __future__ import annotations

import math
from collections.abc import Iterable

from simulators.plant.machine import SECOND, Machine
from simulators.plant.material import Blend, Layers, Source


class Silo(Machine):
    """Resin as the truck brought it, lot above lot; filled again when low, at the blower's rate."""

    low_kg, fill_kg, blower_kg_s = 300.0, 900.0, 20.0

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(name, seed, 0.5)
        self.content = Layers()
        self.delivered: dict[str, float] = {}
        self.fills, self._coming_kg = 0, 0.0
        self._show()

    def deliver(self, lot: str, kg: float) -> None:
        """Resin from outside the plant."""
        self.content.add(Blend({Source(lot, 0): kg}))
        self.delivered[lot] = self.delivered.get(lot, 0.0) + kg

    def work(self) -> None:
        if self._coming_kg <= 0.0 and self.content.kg < self.low_kg:
            self.fills, self._coming_kg = self.fills + 1, self.fill_kg
        if self._coming_kg > 0.0:
            kg = min(self.blower_kg_s * self.period_ns / SECOND, self._coming_kg)
            self._coming_kg -= kg
            self.deliver(f"TRUCK-{self.fills:03d}", kg)
        self._show()

    def _show(self) -> None:
        self.signals |= {
            "level": self.draw("level", self.content.kg, 0.3),
            "net_filled": sum(self.delivered.values()),
            "fills": self.fills,
        }

    def stock(self) -> Iterable[Blend]:
        return self.content.blends()


class Dryer(Machine):
    """Hot dry air through a well-mixed hopper that is kept full from what stands before it.

    Its transmitter gives a new, independent measurement every second; the heater switches about the set point.
    """

    capacity_kg = 60.0
    lag_s = 8.0  # of the air behind the heater

    def __init__(self, name: str, seed: int, source: Layers | Blend, set_c: float = 80.0) -> None:
        super().__init__(name, seed, 1.0)
        self.source, self.content = source, Blend()
        self.set_c = self.air_c = set_c
        self._measure()

    def work(self) -> None:
        self.air_c = self.set_c + (self.air_c - self.set_c) * math.exp(-self.period_ns / SECOND / self.lag_s)
        self.content.add(self.source.take(self.capacity_kg - self.content.kg))
        self._measure()

    def _measure(self) -> None:
        temperature = self.draw_charted("temperature", self.air_c, 0.3)
        self.signals |= {
            "temperature": temperature,
            "set_temperature": self.set_c,
            "dew_point": self.draw("dew_point", -40.0, 0.5),
            "air_flow": self.draw("air_flow", 120.0, 1.5),
            "drying_time": self.draw("drying_time", 4.0, 0.0),
            "heater": int(temperature < self.set_c),
            "dryer_fault": 0,
        }

    def stock(self) -> Iterable[Blend]:
        return (self.content,)


class Granulator(Machine):
    """Grinds runners and rejects as they come, twice a second, and blows them on. A little is lost as dust."""

    rate_kg_s = 0.6
    dust_share = 0.002

    def __init__(self, name: str, seed: int, out: Blend) -> None:
        super().__init__(name, seed, 0.5)
        self.inlet, self.out, self.dust = Blend(), out, Blend()
        self.total_kg, self.starts = 0.0, 1
        self._show()

    def work(self) -> None:
        ground = self.inlet.take(self.rate_kg_s * self.period_ns / SECOND).ground()
        self.dust.add(ground.take(ground.kg * self.dust_share))
        self.total_kg += ground.kg
        self.out.add(ground)
        self._show()

    def _show(self) -> None:
        self.signals |= {
            "power": self.draw("power", 7.5, 0.4),
            "rotor_speed": self.draw("rotor_speed", 1180.0, 4.0),
            "mass_total": self.total_kg,
            "granulator_running": 1,
            "hopper_open": 0,
            "starts": self.starts,
        }

    def stock(self) -> Iterable[Blend]:
        return (self.inlet, self.dust, self.out)
