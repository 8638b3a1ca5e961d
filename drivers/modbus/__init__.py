"""Modbus, asking side only: pure codecs and planner, one session, drivers `tcp`, `rtu`, `rtu_over_tcp`."""
