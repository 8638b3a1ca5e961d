"""The pages, EPCIS queries and metrics over HTTP: on this machine, and over TLS for others once there is an account.

A connection comes in by `server`, `gate` and `tls`; `guard` and `house` say who asks and what they may, `signing` and
`porter` look after accounts.  `front`, `downloads`, `epcis`, `live`, `acts` and `measured` are what can be asked for;
`application` puts them together.  `asker` with `shelf` reads in a thread, `helper` in a process, what `pages` show.

Rule 1: the loop neither waits for the disk nor works for longer than 2 ms: a thread or the helper does, and the loop
passes bytes on.  Rule 2: from here is who asks from loopback, by a name of loopback, not by the TLS door (decision
0121).  Rule 3: a refusal is JSON that says what was wrong and what is allowed.
"""
