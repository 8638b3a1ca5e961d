#!/bin/sh
# Brings the Debian packages that the system tests need, and starts nothing: not now, not at the next boot.
#   mosquitto, mbpoll    installed, which takes root
#   chromium, and        the same: the browser of the tests of pages,
#   fonts-wqy-microhei   and Chinese letters for it
#   systemd              the same: systemd-analyze looks at our services
#   npm                  the same, where none is here: .ci/npm.sh needs it
#   python3-venv         the same, where Debian has split it from Python
#   victoria-metrics,    only unpacked, into .cache/debian (git ignores it), which takes no root
#   influxdb
# What the machine already has is left alone.  When something cannot be had: with CI=true the script names it and
# fails, since there no test may be skipped; without, it names the tests that will be skipped, and succeeds.
set -eu
cd "$(dirname "$0")/.."
cache=.cache/debian
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin  # Debian keeps daemons off a user's PATH

has() { command -v "$1" >/dev/null 2>&1; }
has_victoria() { has victoria-metrics || [ -x "$cache/root/usr/bin/victoria-metrics" ]; }
has_influx() { has influxd || [ -x "$cache/root/usr/bin/influxd" ]; }

has_venv() { "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null; }

lacking() {
    has_venv || echo python3-venv
    has mosquitto || echo mosquitto
    has mbpoll || echo mbpoll
    has npm || echo npm
    has systemd-analyze || echo systemd
    has chromium || echo chromium
    [ -e /usr/share/fonts/truetype/wqy/wqy-microhei.ttc ] || echo fonts-wqy-microhei
    has_victoria || echo victoria-metrics
    has_influx || echo influxdb
}

skipped_without() {
    case $1 in
    python3-venv) echo "everything: no virtual environment can be made" ;;
    mosquitto) echo "every test against a real MQTT broker" ;;
    mbpoll) echo "libmodbus as a second opinion on the Modbus simulators" ;;
    systemd) echo "what systemd says of our services" ;;
    npm) echo "the pages, their tests, and the tests against the official EPCIS 2.0 schema" ;;
    chromium) echo "the tests of pages in a browser" ;;
    fonts-wqy-microhei) echo "the tests of pages in Chinese" ;;
    victoria-metrics) echo "every test against a real VictoriaMetrics" ;;
    influxdb) echo "every test against a real InfluxDB 1.6" ;;
    esac
}

knows() { apt-cache show "$1" >/dev/null 2>&1; }

refresh_lists() {  # once, and only when apt does not know a package we want
    for package in "$@"; do
        knows "$package" || { apt-get update --quiet=2 || true; return; }
    done
}

install_quietly() {  # installs without starting services, and undoes what that took
    policy=/usr/sbin/policy-rc.d  # invoke-rc.d(8), deb-systemd-invoke(1p): 101 forbids the action
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        trap 'exit 1' HUP INT TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    elif "$policy" mosquitto start >/dev/null 2>&1; then
        echo "debian.sh: $policy lets services start; not installing: $*" >&2
        return 0
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 -o Dpkg::Use-Pty=0 --yes --no-install-recommends "$@" >&2 || true
    for package in "$@"; do
        if [ "$package" = mosquitto ] && has systemctl; then
            systemctl disable mosquitto.service >/dev/null 2>&1 || true
        fi
    done
}

unpack() {  # $1: package.  Its files appear under $cache/root, no maintainer script runs
    mkdir -p "$cache/root"
    (
        cd "$cache"
        rm -f "$1"_*.deb
        # as root apt would fetch as user _apt, who may not write here
        apt-get download --quiet=2 -o APT::Sandbox::User="$(id -un)" "$1" >&2 || exit 0
        dpkg -x "$1"_*.deb root
    )
}

missing=$(lacking)
[ -n "$missing" ] || exit 0

if has apt-get; then
    to_install=$(echo "$missing" | grep -vx -e victoria-metrics -e influxdb || true)
    if [ "$(id -u)" = 0 ]; then
        # shellcheck disable=SC2086  # a list of words
        refresh_lists $missing
        # shellcheck disable=SC2086
        [ -z "$to_install" ] || install_quietly $to_install
    fi
    has_victoria || unpack victoria-metrics
    has_influx || unpack influxdb
fi

missing=$(lacking)
[ -n "$missing" ] || exit 0
if [ "${CI:-}" = true ]; then
    echo "debian.sh: with CI=true no test may be skipped, and these Debian packages are missing:" >&2
    for package in $missing; do echo "  $package" >&2; done
    [ "$(id -u)" = 0 ] || echo "As root this script installs them." >&2
    exit 1
fi
for package in $missing; do
    echo "debian.sh: no $package here: skipping $(skipped_without "$package") (root may run .ci/debian.sh)" >&2
done
