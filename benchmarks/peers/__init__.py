"""What others build of MQTT libraries: a gateway that sends what readers show, a worker that writes it to a database.

Each as its library's documentation has it, with a persistent session and QoS 1 throughout, no worse than it need be: a
code is acknowledged to its reader when the library says that it is sent, and the database is asked until it takes a
point. They run under any Python that has the library: ``python -m benchmarks.peers.NAME gateway|worker HOST:PORT ...``.
"""
