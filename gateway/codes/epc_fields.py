"""How the "+" tag schemes write the value of each application identifier, as facts. Pure.

Source: EPC Tag Data Translation 2.2, Table F (GS1, 2024-11-18), the same as in EPC Tag Data Standard (TDS) 2.3, 15.3.
Nine identifiers are not in it: (03) and (8014) must not stand on a tag, the others are younger.

A row: how the value is written, then the identifiers. ``dN``: N digits of 4 bits (14.5.4); ``iN``: N digits as one
number (14.5.2); ``nL``: a count of L bits, then so many digits as one number (14.5.13); ``xL``: 3 bits for the kind of
text, a count of L bits, then the text (14.5.6); ``tL``: digits of 4 bits, then an end or text (14.5.5). Others have
their names. Two words: two parts; the second may be missing only where the memory says so by its count.
"""

from __future__ import annotations

from functools import cache

ROWS = """\
d18|00 8006 8017-8018 8026
d14|01-02
x5|10 21-22 90 235 240-241 243 250-251 254 400-401 403 420 710-716 4308 4318-4319 7002 7020-7022 7230-7240 7242
x5|8002 8007 8012-8013 8020
date|11-13 15-17 4326 7006
i2|20
n3|242 7004
d13 x5|253
d13 n4|255
n4|30 37 423 425 3900-3909 3920-3929 8011 8019
i6|3100-3105 3110-3115 3120-3125 3130-3135 3140-3145 3150-3155 3160-3165 3200-3205 3210-3215 3220-3225 3230-3235
i6|3240-3245 3250-3255 3260-3265 3270-3275 3280-3285 3290-3295 3300-3305 3310-3315 3320-3325 3330-3335 3340-3345
i6|3350-3355 3360-3365 3370-3375 3400-3405 3410-3415 3420-3425 3430-3435 3440-3445 3450-3455 3460-3465 3470-3475
i6|3480-3485 3490-3495 3500-3505 3510-3515 3520-3525 3530-3535 3540-3545 3550-3555 3560-3565 3570-3575 3600-3605
i6|3610-3615 3620-3625 3630-3635 3640-3645 3650-3655 3660-3665 3670-3675 3680-3685 3690-3695 3950-3953 8005
i3 n4|3910-3919 3930-3939
i4|3940-3943 8111
i17|402
d13|410-417
i3 x4|421
i3|422 424 426
x2|427 7008 7010
x6|4300-4301 4310-4311 4320 7253-7254 7259 8009
x7|91-99 4302-4306 4312-4316 7256-7257 8030 8110 8112 8200
country|4307 4317
i20|4309
bit|4321-4323
minute|4324-4325 7003
i6 minus|4330-4333
i13|7001
x4|7005 7009 7255
range|7007
precise|7011 8008
t5|7023 8004 8010
i3 x5|7030-7039
x3|7040-7041
d2|7241
i8|7250
i12|7251
i1|7252
sequence|7258
i14|8001
d14 x5|8003
"""


@cache
def fields() -> dict[str, tuple[tuple[str, int], ...]]:
    """By identifier: each part's way and its number, 0 where the way has none."""
    made = {}
    for row in ROWS.splitlines():
        ways, ais = row.split("|")
        parts = tuple(
            (way.rstrip("0123456789"), int(way.lstrip("abcdefghijklmnopqrstuvwxyz") or 0))
            for way in ways.split()
        )
        for each in ais.split():
            first, _, last = each.partition("-")
            for number in range(int(first), int(last or first) + 1):
                made[f"{number:0{len(first)}d}"] = parts
    return made
