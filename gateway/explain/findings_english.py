"""Findings of `lotwatch doctor`, in English. 1 ports, 2 clock, 3 disk, 4 broker, 5 database, 6 certificates, 7 load."""

from __future__ import annotations

from gateway.explain.row import Row

FINDINGS = {
    "LW101": Row(
        "serial port {port} is not there",
        "Nothing on bus {bus} is read; its values are bad, with the reason line_down.",
        "Plug the adapter in, or write the path that it has now.",
        "ls -l /dev/serial/by-id/",
    ),
    "LW102": Row(
        "this user may not open {port}",
        "The port is there and belongs to others: the daemon, run by this user, reads nothing on bus {bus}.",
        "Put the user that runs lotwatch into the port's group ({group}), and sign in again or restart the service.",
        "sudo usermod -aG {group} {user}",
    ),
    "LW103": Row(
        "{port} is in use by another program",
        "Two that ask on one line take each other's answers; a port is used by one program alone.",
        "End the other program, or take the bus out of the config.",
        "sudo fuser -v {port}",
    ),
    "LW104": Row(
        "{port} may have another name after a restart",
        "USB adapters get their numbers in the order in which they are found: one day bus {bus} is another line.",
        "Write the path that stays the same{better}.",
        "ls -l /dev/serial/by-id/ /dev/serial/by-path/",
    ),
    "LW105": Row(
        "{address} does not answer: {why}",
        "Nothing on bus {bus} is read over this socket.",
        "See that the device is on, in this network, and that the port is right.",
        "nc -vz {host} {port}",
    ),
    "LW106": Row(
        "port {port} of {host} is taken by another program",
        "The daemon runs, and journals, but its pages and metrics cannot be opened.",
        "End the other program, or choose another port in the config's web section.",
        "ss -ltnp 'sport = :{port}'",
    ),
    "LW201": Row(
        "nobody keeps this machine's clock right",
        "What is read is journalled as of unconfirmed time and stays out of databases until the clock is confirmed.",
        "Switch network time on; where there is none, start lotwatch with --accept-clock after setting the clock.",
        "sudo timedatectl set-ntp true",
    ),
    "LW202": Row(
        "the kernel does not say whether the clock is kept right",
        "Asked inside a sandbox or container: the clock is believed, as nobody can vouch for it or against it.",
        "Ask on the machine itself.",
        "timedatectl show --property=NTPSynchronized",
    ),
    "LW203": Row(
        "the clock is wrong: it says {now}",
        "Before this program was made: a machine without a battery clock that started without network.",
        "Set the clock, and switch network time on.",
        "sudo timedatectl set-ntp true",
    ),
    "LW204": Row(
        "this machine has no battery clock",
        "After a power cut its time is unconfirmed until the network is back.",
        "Add a real-time clock, or make sure that a time server can be reached at start.",
        "ls -l /dev/rtc*",
    ),
    "LW301": Row(
        "{folder} cannot be written: {why}",
        "Without its journal the daemon does not start.",
        "Make the folder belong to the user that runs lotwatch.",
        "sudo chown -R {user} {folder}",
    ),
    "LW302": Row(
        "{free} of the disk under {folder} is free",
        "When it is full, raw history is thinned and then reading stops; alarms and lots are kept.",
        "Make room, give the journal a smaller quota (disk: quota), or keep readings for fewer days (retention_days).",
        "du -xh --max-depth=1 {folder} | sort -h",
    ),
    "LW303": Row(
        "{folder} is in memory ({kind})",
        "All that is journalled is gone with the power.",
        "Name a folder on a disk with --data.",
        "findmnt --target {folder}",
    ),
    "LW304": Row(
        "the disk under {folder} is read-only",
        "A file system that found errors makes itself read-only; cards do so at the end of their life.",
        "See why in the kernel's log; replace the card or disk.",
        "journalctl -k | grep -i -e 'remount' -e 'I/O error'",
    ),
    "LW305": Row(
        "{device} has used {used} of its life",
        "Flash wears out by writing; then it loses what was written, or turns read-only.",
        "Replace it soon; the commit profile `card` writes least.",
        "cat /sys/block/{device}/device/life_time",
    ),
    "LW307": Row(
        "the disk under {folder} has {free} of its files left",
        "A disk with room but no free inodes takes no new file.",
        "Remove what makes many small files.",
        "df -i {folder}",
    ),
    "LW308": Row(
        "others can read the key that signs the journal: {file}",
        "Whoever has it can sign another history as this box.",
        "The next start takes it from them, if the disk knows owners; if somebody may have read it, remove it first.",
        "chmod 600 {file}",
    ),
    "LW401": Row(
        "the broker {broker} cannot be reached: {why}",
        "Nothing is forwarded; the journal keeps it until the broker is there.",
        "See network, name, port and firewall.",
        "nc -vz {host} {port}",
    ),
    "LW402": Row(
        "the broker {broker} does not let us in: {why}",
        "Nothing is forwarded.",
        "See username and password, and that the broker knows them.",
        "sudo cat {place}",
    ),
    "LW403": Row(
        "TLS to the broker {broker} fails: {why}",
        "Nothing is forwarded: a broker that cannot show who it is gets nothing.",
        "See ca_file, the name in the broker's certificate, and both clocks.",
        "openssl s_client -connect {host}:{port} -brief",
    ),
    "LW404": Row(
        "the broker {broker} refuses what we publish to {topic}: reason {reason}",
        "Connected, and still nothing arrives: 0x87 is not authorized (MQTT 5, 2.4). The broker drops what is sent.",
        "Let this user write below {prefix} in the broker's access list.",
        "grep -n lotwatch /etc/mosquitto/*.acl",
    ),
    "LW405": Row(
        "the broker {broker} is asked by MQTT 3.1.1, which cannot refuse a message",
        "A message that its access list forbids is acknowledged and dropped; audit shows it only later.",
        "Use version 5 where the broker has it.",
        "lotwatch audit --help",
    ),
    "LW406": Row(
        "the broker {broker} refuses the subscription to {topic}: reason {reason}",
        "The gateway does not hear what is stored or asked for: its journal keeps everything and grows.",
        "Let this user read {topic} in the broker's access list.",
        "grep -n lotwatch /etc/mosquitto/*.acl",
    ),
    "LW407": Row(
        "the broker {broker} is on another machine, without TLS",
        "Everybody on the way reads the password and the records, and can change them.",
        "Switch TLS on at the broker, and write tls: true.",
        "openssl s_client -connect {host}:8883 -brief",
    ),
    "LW408": Row(
        "a secret or certificate of {what} cannot be used: {why}",
        "The connection is not tried without it.",
        "Put the file where the config says, readable by the user that runs lotwatch and by nobody else.",
        "ls -l {place}",
    ),
    "LW501": Row(
        "the database {url} cannot be reached: {why}",
        "Replicas fill on; nothing reaches the database until it is there.",
        "See that it runs, and that url is right.",
        "curl -i {url}/ping",
    ),
    "LW502": Row(
        "the database {url} does not let us in: {why}",
        "Nothing reaches the database.",
        "See the token, and what it may do: write, and read for audit.",
        "curl -i {url}/ping",
    ),
    "LW503": Row(
        "the database {url} has no {bucket}",
        "What is written there is refused.",
        "Make the bucket, or write the name of one that is there.",
        "influx bucket list",
    ),
    "LW504": Row(
        "the database keeps {kept} days, the site keeps {wanted}",
        "What is older is gone from charts and reports made there, though the gateway still has it.",
        "Keep it for longer in the database, or less in retention_days.",
        "lotwatch explain LW504",
    ),
    "LW505": Row(
        "the database does not say for how long it keeps: {why}",
        "It may remove what the site still counts on.",
        "Look it up at the database.",
        "lotwatch explain LW504",
    ),
    "LW601": Row(
        "the certificate {file} of {what} ended on {date}",
        "Nobody who checks it connects any more.",
        "Have a new one made, and put it in the same place.",
        "openssl x509 -in {file} -noout -dates -subject",
    ),
    "LW602": Row(
        "the certificate {file} of {what} ends on {date}, in {days} days",
        "After that nobody who checks it connects.",
        "Have a new one made in good time.",
        "openssl x509 -in {file} -noout -dates -subject",
    ),
    "LW603": Row(
        "the certificate {file} of {what} begins on {date}",
        "It is not valid yet: mostly this machine's clock is wrong.",
        "See the clock first, then the certificate.",
        "openssl x509 -in {file} -noout -dates -subject",
    ),
    "LW604": Row(
        "{file}, the certificate of {what}, cannot be read: {why}",
        "The connection or listener that needs it is not there.",
        "Put a certificate in PEM form there.",
        "openssl x509 -in {file} -noout -dates -subject",
    ),
    "LW701": Row(
        "bus {bus} would be busy {share} of the time",
        "Its schedule cannot be kept: polls come late or not at all.",
        "Slow down {worst}: give its points a slower poll class, or raise the line's speed.",
        "lotwatch check {config}",
    ),
    "LW702": Row(
        "bus {bus} is busy {share} of the time",
        "There is little room for retries: one silent unit makes the others late.",
        "Slow down {worst}, or raise the line's speed.",
        "lotwatch check {config}",
    ),
}
