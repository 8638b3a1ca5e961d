"""The payload's schema for protobuf's own runtime, made of the field numbers of Sparkplug 3.0.0, 6.4.1."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_F = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "uint32": _F.TYPE_UINT32,
    "uint64": _F.TYPE_UINT64,
    "bool": _F.TYPE_BOOL,
    "float": _F.TYPE_FLOAT,
    "double": _F.TYPE_DOUBLE,
    "string": _F.TYPE_STRING,
    "bytes": _F.TYPE_BYTES,
}
_MESSAGES: dict[str, tuple[tuple[str, int, str, bool], ...]] = {
    "Property": (
        ("type", 1, "uint32", False),
        ("is_null", 2, "bool", False),
        ("int_value", 3, "uint32", False),
        ("long_value", 4, "uint64", False),
        ("float_value", 5, "float", False),
        ("double_value", 6, "double", False),
        ("boolean_value", 7, "bool", False),
        ("string_value", 8, "string", False),
    ),
    "Properties": (("keys", 1, "string", True), ("values", 2, "Property", True)),
    "Metric": (
        ("name", 1, "string", False),
        ("alias", 2, "uint64", False),
        ("timestamp", 3, "uint64", False),
        ("datatype", 4, "uint32", False),
        ("is_historical", 5, "bool", False),
        ("is_transient", 6, "bool", False),
        ("is_null", 7, "bool", False),
        ("properties", 9, "Properties", False),
        ("int_value", 10, "uint32", False),
        ("long_value", 11, "uint64", False),
        ("float_value", 12, "float", False),
        ("double_value", 13, "double", False),
        ("boolean_value", 14, "bool", False),
        ("string_value", 15, "string", False),
        ("bytes_value", 16, "bytes", False),
    ),
    "Payload": (
        ("timestamp", 1, "uint64", False),
        ("metrics", 2, "Metric", True),
        ("seq", 3, "uint64", False),
        ("uuid", 4, "string", False),
        ("body", 5, "bytes", False),
    ),
}


def _made() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="oracle.proto", package="oracle", syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, many in fields:
            label = _F.LABEL_REPEATED if many else _F.LABEL_OPTIONAL
            if kind in _TYPES:
                message.field.add(name=field, number=number, type=_TYPES[kind], label=label)
            else:
                message.field.add(
                    name=field, number=number, type=_F.TYPE_MESSAGE, type_name=f".oracle.{kind}", label=label
                )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("oracle.Payload"))


Payload: Any = _made()
