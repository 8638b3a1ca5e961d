"""Devices on serial lines: scales, scanners, RFID readers. Grammar and logic are pure files beside the drivers."""
