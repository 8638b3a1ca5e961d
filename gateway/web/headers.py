"""Headers of every page: what a browser may load and run there, which is what this box serves and nothing else.

Content Security Policy Level 3 with Trusted Types; no inline script or style, no eval, no frame, no other address.
"""

from __future__ import annotations

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
_FRAME = {
    "default-src": "'none'",
    "script-src": "'self'",
    "worker-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
}


def _written(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


PAGE = {
    "Content-Security-Policy": _written(_POLICY),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FRAME = {**PAGE, "Content-Security-Policy": _written(_FRAME)}
"""Of the frame that holds the shared worker, which Trusted Types `none` would forbid: docs/decisions/0092."""
FRESH = {"Cache-Control": "no-store"}
"""Of what is about this moment or this person."""
