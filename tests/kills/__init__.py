"""The project's kill harness: real servers, simulators that log what they give, faults by seed, and their account."""
