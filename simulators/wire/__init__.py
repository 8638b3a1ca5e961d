"""Devices on the wire: what the physics shows, in the bytes that real devices speak.

Rule 1: the register map is read from the same file as the driver's; bytes are made here, with `struct`, never by the
driver's codec, so that one swapped word cannot pass.  Rule 2: what a device said is logged as it was said.
"""
