"""Ed25519 (RFC 8032): sign with a seed, verify with a public key. Pure.

The gateway signs once a second and verifies what people at a replica enter, with the libcrypto that Python's own
`hashlib` has loaded: the same OpenSSL that `cryptography` brings a second copy of, which costs a small box 7 MB. Where
Python was built so that its libcrypto cannot be called (statically, without Ed25519), `cryptography` does both.
docs/decisions/0075-signing-with-pythons-own-openssl.md.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any

KEY_BYTES, SIGNATURE_BYTES = 32, 64
_ED25519 = 1087  # NID_ED25519 (openssl/obj_mac.h)


class Signer:
    """A private key, and its public half. Never printed. Raises ValueError where the seed has not 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != KEY_BYTES:
            raise ValueError(f"an Ed25519 seed has {KEY_BYTES} bytes, not {len(seed)}")
        crypto = libcrypto()
        self._key = _theirs(seed) if crypto is None else _Ours(crypto, seed)
        self.public: bytes = self._key.public_bytes()

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        signature: bytes = self._key.sign(data)
        return signature


def holds(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the key made the signature over the data."""
    if len(public) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    crypto = libcrypto()
    return (
        _held_by_theirs(public, signature, data) if crypto is None else _held(crypto, public, signature, data)
    )


def _held(crypto: Any, public: bytes, signature: bytes, data: bytes) -> bool:
    pkey = crypto.EVP_PKEY_new_raw_public_key(_ED25519, None, public, len(public))
    context = crypto.EVP_MD_CTX_new()
    try:
        if not pkey or not context or crypto.EVP_DigestVerifyInit(context, None, None, None, pkey) != 1:
            return False
        return bool(crypto.EVP_DigestVerify(context, signature, len(signature), data, len(data)) == 1)
    finally:
        crypto.EVP_MD_CTX_free(context)  # of a null pointer: nothing
        crypto.EVP_PKEY_free(pkey)


def _held_by_theirs(public: bytes, signature: bytes, data: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 # 7 MB
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


class _Ours:
    """A key of libcrypto (EVP_PKEY)."""

    def __init__(self, crypto: Any, seed: bytes) -> None:
        self._crypto = crypto
        self._pkey = _made(crypto.EVP_PKEY_new_raw_private_key(_ED25519, None, seed, len(seed)))
        self._free = crypto.EVP_PKEY_free  # a key may outlive its module at the interpreter's end

    def __del__(self) -> None:
        if pkey := getattr(self, "_pkey", None):
            self._free(pkey)

    def public_bytes(self) -> bytes:
        out, length = ctypes.create_string_buffer(KEY_BYTES), ctypes.c_size_t(KEY_BYTES)
        _made(self._crypto.EVP_PKEY_get_raw_public_key(self._pkey, out, ctypes.byref(length)))
        return out.raw[: length.value]

    def sign(self, data: bytes) -> bytes:
        crypto = self._crypto
        context = _made(crypto.EVP_MD_CTX_new())
        try:
            _made(crypto.EVP_DigestSignInit(context, None, None, None, self._pkey))
            out, length = ctypes.create_string_buffer(SIGNATURE_BYTES), ctypes.c_size_t(SIGNATURE_BYTES)
            _made(crypto.EVP_DigestSign(context, out, ctypes.byref(length), data, len(data)))
        finally:
            crypto.EVP_MD_CTX_free(context)
        return out.raw[: length.value]


class _Theirs:
    """A key of `cryptography`."""

    def __init__(self, key: Any) -> None:
        self._key = key

    def public_bytes(self) -> bytes:
        public: bytes = self._key.public_key().public_bytes_raw()
        return public

    def sign(self, data: bytes) -> bytes:
        signature: bytes = self._key.sign(data)
        return signature


def _theirs(seed: bytes) -> _Theirs:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    return _Theirs(Ed25519PrivateKey.from_private_bytes(seed))


def _made(result: Any) -> Any:
    """OpenSSL answers 0 or a null pointer where it fails, and less than 0 where it cannot at all."""
    if not result or result < 0:
        raise ValueError("OpenSSL refuses the Ed25519 key")
    return result


@functools.cache
def libcrypto() -> Any:
    """The library behind `hashlib`, its functions typed; None: it cannot be called, or has no Ed25519."""
    try:
        import _hashlib  # noqa: PLC0415 # not there where Python was built without OpenSSL

        crypto = ctypes.CDLL(_hashlib.__file__)  # a library is searched with all that it is linked to
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        sizes = ctypes.POINTER(size)
        for name, result, arguments in (
            ("EVP_PKEY_new_raw_private_key", pointer, (ctypes.c_int, pointer, ctypes.c_char_p, size)),
            ("EVP_PKEY_get_raw_public_key", ctypes.c_int, (pointer, ctypes.c_char_p, sizes)),
            ("EVP_PKEY_free", None, (pointer,)),
            ("EVP_MD_CTX_new", pointer, ()),
            ("EVP_MD_CTX_free", None, (pointer,)),
            ("EVP_DigestSignInit", ctypes.c_int, (pointer, pointer, pointer, pointer, pointer)),
            ("EVP_DigestSign", ctypes.c_int, (pointer, ctypes.c_char_p, sizes, ctypes.c_char_p, size)),
            ("EVP_PKEY_new_raw_public_key", pointer, (ctypes.c_int, pointer, ctypes.c_char_p, size)),
            ("EVP_DigestVerifyInit", ctypes.c_int, (pointer, pointer, pointer, pointer, pointer)),
            ("EVP_DigestVerify", ctypes.c_int, (pointer, ctypes.c_char_p, size, ctypes.c_char_p, size)),
        ):
            function = getattr(crypto, name)
            function.restype, function.argtypes = result, arguments
        _Ours(crypto, bytes(KEY_BYTES))
    except (ImportError, AttributeError, OSError, ValueError):
        return None
    return crypto
