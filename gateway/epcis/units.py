"""Units of measure: UCUM as tags have them, as GS1 measurement types and UN/CEFACT Recommendation 20 codes. Pure.

Sources: GS1 Web Vocabulary, MeasurementType; UN/CEFACT Recommendation 20, revision 17, annex III; UCUM 2.1.
"""

from __future__ import annotations

from gateway.epcis.vocabulary import NAMESPACE

UNITS = {
    "Cel": ("Temperature", "CEL"), "K": ("Temperature", "KEL"), "[degF]": ("Temperature", "FAH"),
    "kg": ("Mass", "KGM"), "g": ("Mass", "GRM"), "t": ("Mass", "TNE"), "mg": ("Mass", "MGM"),
    "bar": ("Pressure", "BAR"), "mbar": ("Pressure", "MBR"), "Pa": ("Pressure", "PAL"),
    "kPa": ("Pressure", "KPA"), "MPa": ("Pressure", "MPA"), "[psi]": ("Pressure", "PS"),
    "s": ("Time", "SEC"), "ms": ("Time", "C26"), "min": ("Time", "MIN"), "h": ("Time", "HUR"),
    "mm": ("Length", "MMT"), "cm": ("Length", "CMT"), "m": ("Length", "MTR"), "um": ("Length", "4H"),
    "N": ("Force", "NEW"), "kN": ("Force", "B47"), "N.m": ("Torque", "NU"),
    "V": ("Voltage", "VLT"), "A": ("ElectricCurrent", "AMP"), "W": ("Power", "WTT"), "kW": ("Power", "KWT"),
    "kW.h": ("Energy", "KWH"), "J": ("Energy", "JOU"), "kJ": ("Energy", "KJO"), "Hz": ("Frequency", "HTZ"),
    "L": ("Volume", "LTR"), "l": ("Volume", "LTR"), "m3": ("Volume", "MTQ"), "cm3": ("Volume", "CMQ"),
    "m3/h": ("VolumeFlowRate", "MQH"), "l/min": ("VolumeFlowRate", "L2"), "L/min": ("VolumeFlowRate", "L2"),
    "kg/h": ("MassFlowRate", "E93"), "g/s": ("MassFlowRate", "F56"), "kg/s": ("MassFlowRate", "KGS"),
    "m/s": ("Speed", "MTS"), "mm/s": ("Speed", "C16"), "%": ("Dimensionless", "P1"),
    "%[RH]": ("RelativeHumidity", "P1"), "g/cm3": ("Density", "23"), "kg/m3": ("Density", "KMQ"),
    "1": ("Dimensionless", "C62"),
}  # fmt: skip
"""By UCUM code: GS1 measurement type, Recommendation 20 code."""

OTHER = NAMESPACE + "Measurement"
"""The type of a measurement whose unit has no place in the table: it is said as it stands."""


def measured(uom: str) -> tuple[str, str]:
    """Measurement type and unit code of a tag's unit."""
    if not uom:
        return OTHER, ""
    return UNITS.get(uom, (OTHER, uom))
