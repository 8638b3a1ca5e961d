"""The demo: a whole simulated supplier site as real processes over real sockets and ptys, its story and its account."""
