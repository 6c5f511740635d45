"""ECDSA P-256 as the event webhook signs. Imported with the first webhook only: the library costs 8 MB."""

from __future__ import annotations

import base64

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


def new_key() -> EllipticCurvePrivateKey:
    """A fresh P-256 key."""
    return generate_private_key(SECP256R1())


def load_key(pem: object) -> EllipticCurvePrivateKey:
    """The key in an unencrypted PEM. Raises ValueError for anything else."""
    if not isinstance(pem, str):
        raise ValueError("must be the PEM of a P-256 private key")
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise ValueError("is not an unencrypted PEM private key") from problem
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("is not a P-256 key")
    return key


def public_key(key: EllipticCurvePrivateKey) -> str:
    """Base64 of the SubjectPublicKeyInfo, as the vendor's settings page shows it."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def signature(key: EllipticCurvePrivateKey, signed: bytes) -> bytes:
    """DER signature over SHA-256."""
    return key.sign(signed, ECDSA(SHA256()))
