"""The writer: sends a setpoint to a device where a site wants that, and nothing else does.

Rule 1: what is not in the list of root's is not written: device, register, range, step, rate and persons.  Rule 2: two
different persons sign each write.  Rule 3: what is about to be sent is on the disk before it is sent, what came of it
is what the device says when it is asked afterwards, and nothing is ever sent twice.  Rule 4: `gateway` and `drivers` do
not know this package, and their wheel does not have it (docs/decisions/0125).
"""
