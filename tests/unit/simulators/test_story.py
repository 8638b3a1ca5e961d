"""People at the line: who is scanned where, in which order, and what the books then say."""

from simulators.plant.line import Plant
from simulators.plant.machine import SECOND
from simulators.story import Story


class Reader:
    def __init__(self, told, name, plant):
        self.told, self.name, self.plant = told, name, plant

    def scan(self, code):
        self.told.append((round(self.plant.time_s, 3), self.name, code))

    def pass_by(self, code, stay_ns):
        assert stay_ns > 0
        self.scan(code)


def told_until(seconds):
    plant = Plant(1)
    told: list[tuple[float, str, str]] = []
    names = ("scanner_blending", "scanner_press1", "scanner_press2", "scanner_packing")
    scanners = {name: Reader(told, name, plant) for name in names}
    story = Story(plant, scanners, {"gate1": Reader(told, "gate1", plant)})
    while story.next_ns <= seconds * SECOND:
        plant.advance_to(story.next_ns)
        story.act()
    plant.step(seconds - plant.time_s)
    return plant, told


def test_the_first_seconds():
    _, told = told_until(20)
    assert [(at, where) for at, where, _ in told] == [
        (1.0, "scanner_blending"),
        (1.5, "scanner_press1"),
        (2.5, "scanner_press2"),
        (9.5, "scanner_press1"),
        (11.0, "scanner_packing"),
        (13.0, "gate1"),
        (14.0, "scanner_press2"),
        (15.5, "scanner_packing"),
        (16.0, "scanner_blending"),
        (17.5, "scanner_press1"),
        (17.5, "gate1"),
        (19.0, "scanner_packing"),
    ]


def test_packing_has_one_box_at_a_time_and_every_box_leaves():
    _, told = told_until(120)
    here = None
    for _, where, code in told:
        if where == "scanner_packing":
            assert here is None
            here = code.removeprefix("]C0")
        elif where == "gate1":
            assert code == here
            here = None


def test_a_code_is_never_shown_twice_at_a_place():
    _, told = told_until(120)
    seen = [(where, code) for _, where, code in told]
    assert len(seen) == len(set(seen))
    assert sum(where == "scanner_blending" for where, _ in seen) == 8


def test_shipped_boxes_hold_what_the_presses_made():
    plant, told = told_until(60)
    shipped = [code for _, where, code in told if where == "gate1"]
    assert list(plant.packing.shipped) == shipped
    assert all(plant.packing.shipped[box].kg > 1.0 for box in shipped)
    assert {"R26-0001", "OPENING"} <= set(plant.packing.shipped[shipped[-1]].by_lot())
    assert all(abs(error) < 1e-9 for error in plant.balance().values())
