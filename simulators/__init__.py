"""A moulding site that does not exist: physics, devices on real sockets and ptys, scripted faults."""
