"""HTTP for other programs on this machine.

Rule 1: bound to 127.0.0.1, and only a request that says so is answered.  Rule 2: the loop never waits for the disk:
reading is done in a thread of its own, with a connection that only reads, one question at a time.  Rule 3: whatever is
asked, the answer is JSON that says what was wrong and what is allowed.
"""
