"""The words of CBV 2.0 as EPCIS 2.0 writes them in JSON-LD, and where a bare word belongs. Pure.

Source: CBV 2.0 (ISO/IEC 19988), chapter 7; the enumerations of the EPCIS 2.0 JSON schema.
"""

from __future__ import annotations

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
NAMESPACE = "https://lotwatch.invalid/epcis/"
"""Of our own fields. Nobody can own a name under .invalid (RFC 2606, 2): it names, and leads nowhere."""

PREFIXES = {
    "epcis": "https://ref.gs1.org/epcis/", "cbv": "https://ref.gs1.org/cbv/", "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
}  # fmt: skip
"""Prefixes that the EPCIS context itself declares, as far as events use them."""

BIZ_STEPS = frozenset(
    [
        "accepting",
        "arriving",
        "assembling",
        "collecting",
        "commissioning",
        "consigning",
        "creating_class_instance",
        "cycle_counting",
        "decommissioning",
        "departing",
        "destroying",
        "disassembling",
        "dispensing",
        "encoding",
        "entering_exiting",
        "holding",
        "inspecting",
        "installing",
        "killing",
        "loading",
        "other",
        "packing",
        "picking",
        "receiving",
        "removing",
        "repackaging",
        "repairing",
        "replacing",
        "reserving",
        "retail_selling",
        "sampling",
        "sensor_reporting",
        "shipping",
        "staging_outbound",
        "stock_taking",
        "stocking",
        "storing",
        "transporting",
        "unloading",
        "unpacking",
        "void_shipping",
    ]  # a table to be read
)
DISPOSITIONS = frozenset(
    [
        "active",
        "available",
        "completeness_inferred",
        "completeness_verified",
        "conformant",
        "container_closed",
        "container_open",
        "damaged",
        "destroyed",
        "dispensed",
        "disposed",
        "encoded",
        "expired",
        "in_progress",
        "in_transit",
        "inactive",
        "mismatch_class",
        "mismatch_instance",
        "mismatch_quantity",
        "needs_replacement",
        "no_pedigree_match",
        "non_conformant",
        "non_sellable_other",
        "partially_dispensed",
        "recalled",
        "reserved",
        "retail_sold",
        "returned",
        "sellable_accessible",
        "sellable_not_accessible",
        "stolen",
        "unavailable",
        "unknown",
    ]  # a table to be read
)
TRANSACTIONS = frozenset(
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt".split()  # noqa: SIM905
)
PARTIES = frozenset({"owning_party", "possessing_party", "location"})
REASONS = frozenset({"did_not_occur", "incorrect_data"})
EVENT_TYPES = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
)
ACTIONS = ("ADD", "OBSERVE", "DELETE")

_CBV, _GS1 = PREFIXES["cbv"], PREFIXES["gs1"]
_WHERE = {
    "bizStep": _CBV + "BizStep-", "disposition": _CBV + "Disp-", "set": _CBV + "Disp-", "unset": _CBV + "Disp-",
    "bizTransaction": _CBV + "BTT-", "source": _CBV + "SDT-", "destination": _CBV + "SDT-",
    "sensor": _GS1, "exception": _GS1, "component": _CBV + "Comp-",
}  # fmt: skip
_URNS = {
    "urn:epcglobal:cbv:bizstep:": _CBV + "BizStep-", "urn:epcglobal:cbv:disp:": _CBV + "Disp-",
    "urn:epcglobal:cbv:btt:": _CBV + "BTT-", "urn:epcglobal:cbv:sdt:": _CBV + "SDT-",
    "urn:epcglobal:cbv:er:": _CBV + "ER-",
}  # fmt: skip


def spelled(word: str, where: str) -> str:
    """A bare word of a field as the web URI that it stands for; what is a URI already as it is.

    >>> spelled("shipping", "bizStep"), spelled("po", "bizTransaction")
    ('https://ref.gs1.org/cbv/BizStep-shipping', 'https://ref.gs1.org/cbv/BTT-po')
    """
    return word if ":" in word else _WHERE[where] + word


def web(uri: str) -> str:
    """A CBV word's URN as its web URI; anything else as it is."""
    if uri.startswith("urn:epcglobal:cbv:"):
        for urn, new in _URNS.items():
            if uri.startswith(urn):
                return new + uri.removeprefix(urn)
    return uri


def bare(uri: str, where: str) -> str:
    """A word of the vocabulary without its URI; anything else as it is."""
    return web(uri).removeprefix(_WHERE[where])
