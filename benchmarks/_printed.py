"""Printed tables of run lengths, each with its source. A number is text, so that its last digit is known."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.mewma import MewmaScheme
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme
from gateway.design.t2 import T2Scheme


@dataclass(frozen=True, slots=True)
class Table:
    """ARLs of one chart and limit, by shift."""

    source: str
    scheme: Scheme
    limit: float
    printed: tuple[tuple[float, str], ...]  # shift and ARL
    note: str = ""  # what is known of numbers that differ


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that were solved for."""

    source: str
    printed: tuple[tuple[Scheme, float, str], ...]  # chart, ARL0 and limit
    note: str = ""


def _pairs(shifts: str, arls: str) -> tuple[tuple[float, str], ...]:
    return tuple(zip(map(float, shifts.split()), arls.split(), strict=True))


_CROSIER = "0 .25 .5 .75 1 1.5 2 2.5 3 4 5"
_SACCUCCI = "0 .25 .5 .75 1 1.5 2 2.5 3 3.5 4 5"
_CROWDER = "0 .25 .5 .75 1 1.25 1.5 1.75 2 2.25 2.5 2.75 3 3.25 3.5 3.75 4"
_WOODALL = "0 .2 .4 .6 .8 1 1.2 1.4 1.6 1.8 2 2.2 2.4 2.6 2.8 3"
_CROWDER_LARGE = "26.45 20.12 11.89 7.29 4.91 2.80 2.29 1.94 1.70 1.51 1.37 1.26 1.18 1.12 1.08 1.05"
_WOODALL_1 = "370.40 308.43 200.08 119.67 71.55 43.89 27.82 18.25 12.38 8.69 6.30 4.72 3.65 2.90 2.38 2.00"
_WOODALL_2 = "225.44 177.56 104.46 57.92 33.12 20.01 12.81 8.69 6.21 4.66 3.65 2.96 2.48 2.13 1.87 1.68"
_WOODALL_3 = "166.05 120.70 63.88 33.99 19.78 12.66 8.84 6.62 5.24 4.33 3.68 3.18 2.78 2.43 2.14 1.89"
_WOODALL_4 = "152.73 110.52 59.76 33.64 21.07 14.58 10.90 8.60 7.03 5.85 4.89 4.08 3.38 2.81 2.35 1.99"
_PRABHU = "0 .5 1 1.5 2 3"
_GOEL = "-.25 -.125 0 .125 .25 .5 .75 1"

TABLES = (
    Table(
        "Lucas & Crosier 1982, table 1: CUSUM k 0.5, h 4",
        CusumScheme(0.5), 4.0,
        _pairs(_CROSIER, "168. 74.2 26.6 13.3 8.38 4.75 3.34 2.62 2.19 1.71 1.31"),
    ),
    Table(
        "Lucas & Crosier 1982, table 1: ... head start 2",
        CusumScheme(0.5, 2.0), 4.0,
        _pairs(_CROSIER, "149. 62.7 20.1 8.97 5.29 2.86 2.01 1.59 1.32 1.07 1.01"),
        "they used a Markov chain; simulated below",
    ),
    Table(
        "Montgomery 6th ed., table 9.3: CUSUM k 0.5, h 5",
        CusumScheme(0.5), 5.0,
        _pairs("0 .25 .5 .75 1 1.5 2 2.5 3 4", "465. 139. 38.0 17.0 10.4 5.75 4.01 3.11 2.57 2.01"),
    ),
    Table("Vance 1986, table 1: CUSUM k 0, h 10, one-sided",
        CusumScheme(0.0, sided="one"), 10.0,
        _pairs(_GOEL, "2071.51 400.28 124.66 59.30 36.71 20.37 14.06 10.75"),
    ),
    Table("Waldmann 1986, tables 1, 3, 5: CUSUM k 0.5, h 3, one-sided",
        CusumScheme(0.5, sided="one"), 3.0, _pairs("-.5 0 .5", "1963. 117.4 17.35"),
    ),
    Table("SAS/QC manual 1999: CUSUM k 0.25, h 8, two-sided",
        CusumScheme(0.25), 8.0, _pairs("2.5", "4.1500826715"),
    ),
    Table(
        "Lucas & Saccucci 1990, table 3: EWMA lambda 0.5, L 3.071",
        EwmaScheme(0.5, "asymptotic"), 3.071,
        _pairs(_SACCUCCI, "500. 255. 88.8 35.9 17.5 6.53 3.63 2.50 1.93 1.58 1.34 1.07"),
    ),
    Table(
        "Lucas & Saccucci 1990, table 3: EWMA lambda 0.03, L 2.437",
        EwmaScheme(0.03, "asymptotic"), 2.437,
        _pairs(_SACCUCCI, "500. 76.7 29.3 17.6 12.6 8.07 5.99 4.80 4.03 3.49 3.11 2.55"),
    ),
    Table(
        "Crowder 1987, table 1: EWMA lambda 0.5, L 2",
        EwmaScheme(0.5, "asymptotic"), 2.0,
        _pairs(_CROWDER.replace("1.25 ", "", 1), _CROWDER_LARGE),
        "shift 1.25 left out, a misprint (spc's manual says so too)",
    ),
    Table(
        "Crowder 1987, table 1: EWMA lambda 0.05, L 2",
        EwmaScheme(0.05, "asymptotic"), 2.0,
        _pairs(_CROWDER, "127.53 43.94 18.97 11.64 8.38 6.56 5.41 4.62 4.04 3.61 3.26 2.99 2.76 2.56 2.39 2.26 2.15"),
    ),
    Table("SAS/QC manual 1999: EWMA lambda 0.25, L 3",
        EwmaScheme(0.25, "asymptotic"), 3.0, _pairs("1", "11.154267016"),
    ),
    Table(
        "Steiner 1999, table 2: EWMA lambda 0.05, L 3, exact limits",
        EwmaScheme(0.05, "exact"), 3.0,
        _pairs("0 .25 .5 .75 1 1.5 2 2.5 3 3.5 4", "1353. 127. 32.5 15.6 9.0 4.5 2.8 2.0 1.6 1.3 1.1"),
        "approximate by his own account; simulated below",
    ),
    *(
        Table(f"Champ & Woodall 1987, table 1: {name}", ShewhartScheme(rules=rules), 3.0, _pairs(_WOODALL, arls))
        for name, rules, arls in (
            ("3 sigma limits", ("WE1",), _WOODALL_1), ("WE1, WE2", ("WE1", "WE2"), _WOODALL_2),
            ("WE1, WE3", ("WE1", "WE3"), _WOODALL_3), ("WE1, WE4", ("WE1", "WE4"), _WOODALL_4),
        )
    ),
    Table("Champ & Woodall 1987: WE1 to WE4",
        ShewhartScheme(rules=("WE1", "WE2", "WE3", "WE4")), 3.0, _pairs("0", "91.75"),
    ),
    *(
        Table(f"Rigdon 1995, table 1: MEWMA p 2, lambda 0.25, h4 {h4}", MewmaScheme(2, 0.25), h4, _pairs("0", arl))
        for h4, arl in ((8.37, "100."), (9.90, "200."), (11.89, "500."), (13.36, "1000."), (14.82, "2000."))
    ),
    Table(
        "Prabhu & Runger 1997 (Montgomery, table 11.3): MEWMA p 2, lambda 0.1, h4 8.64",
        MewmaScheme(2, 0.1), 8.64, _pairs(_PRABHU, "199.93 28.07 10.15 6.11 4.42 2.93"),
        "their chain; see below",
    ),
    Table(
        "Runger & Prabhu 1996, by Molnau et al. 2001: MEWMA p 4, lambda 0.1, h4 12.73",
        MewmaScheme(4, 0.1), 12.73, _pairs(_PRABHU, "199.78 35.05 12.17 7.22 5.19 3.42"),
        "their chain; see below",
    ),
    Table(
        "Runger & Prabhu 1996, by Molnau et al. 2001: MEWMA p 20, lambda 0.1, h4 37.01",
        MewmaScheme(20, 0.1), 37.01, _pairs(_PRABHU, "199.09 61.62 20.17 11.40 8.03 5.18"),
        "their chain; see below",
    ),
)  # fmt: skip

LIMITS = (
    Limits(
        "Hawkins 1993 (Montgomery, table 9.4): h of CUSUM, ARL0 370",
        tuple(
            (CusumScheme(k), 370.0, h)
            for k, h in (
                (0.25, "8.01"),
                (0.5, "4.77"),
                (0.75, "3.34"),
                (1.0, "2.52"),
                (1.25, "1.99"),
                (1.5, "1.61"),
            )
        ),
    ),
    Limits(
        "Crowder 1989: L of EWMA, ARL0 250",
        tuple(
            (EwmaScheme(weight, "asymptotic"), 250.0, limit)
            for weight, limit in (
                (0.05, "2.32"),
                (0.1, "2.55"),
                (0.15, "2.65"),
                (0.2, "2.72"),
                (0.25, "2.76"),
            )
        ),
    ),
    Limits(
        "Knoth 2017, table 2: h4 of MEWMA p 3, ARL0 1000",
        tuple(
            (MewmaScheme(3, weight), 1000.0, limit)
            for weight, limit in (
                (0.25, "15.82"),
                (0.2, "15.62"),
                (0.15, "15.31"),
                (0.1, "14.76"),
                (0.05, "13.60"),
            )
        ),
    ),
    Limits(
        "Rigdon 1995, table 1: h4 of MEWMA p 4, lambda 0.25, ARL0 500",
        ((MewmaScheme(4, 0.25), 500.0, "16.38"),),
    ),
    Limits(
        "chi-square tables (e-Handbook 1.3.6.7.4): UCL of T2, p 2, 5, 10, alpha 0.001",
        tuple((T2Scheme(p), 1000.0, limit) for p, limit in ((2, "13.816"), (5, "20.515"), (10, "29.588"))),
    ),
)
