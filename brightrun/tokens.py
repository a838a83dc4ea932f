"""Tokens of Supabase's Auth: whose they are, when they were verified. No message holds one, or a part of one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import jwt

from brightrun.configuration import ACTOR_TOKEN, JWKS, JWT_SECRET
from brightrun.errors import RequestError

SHARED = "HS256"
"""The algorithm of a project that signs with a secret."""

ASYMMETRIC = ("ES256", "RS256", "EdDSA")
"""Those of a project that signs with a key of which everybody may have the public half."""

AUDIENCE = "authenticated"
"""For whom Supabase signs the tokens of people, and the role it gives them: those of machines have another."""

LONGEST_SUBJECT = 160
CLOCKS_APART_S = 10
FETCHED_WITHIN_S = 10
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def verified_subject(token: str) -> str:
    """Whose token it is. Raises RequestError for one that does not hold, or that cannot be verified here."""
    try:
        algorithm = str(jwt.get_unverified_header(token).get("alg"))
        key = _key(token, algorithm)
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],  # one of ours, see `_key`
            audience=AUDIENCE,
            leeway=CLOCKS_APART_S,
            options={"require": ["exp", "sub"]},
        )
    except jwt.ExpiredSignatureError:
        raise RequestError(f"The token in {ACTOR_TOKEN} has expired: sign in again, or unset it.") from None
    except jwt.InvalidSignatureError:
        raise RequestError(f"The token in {ACTOR_TOKEN} was not signed by this project, or was changed.") from None
    except jwt.InvalidAudienceError:
        raise RequestError(f"The token in {ACTOR_TOKEN} is not for people who signed in.") from None
    except jwt.MissingRequiredClaimError as error:
        raise RequestError(f"The token in {ACTOR_TOKEN} lacks `{error.claim}`: it is nobody's.") from None
    except jwt.InvalidKeyError:
        raise RequestError(f"What {JWT_SECRET} or {JWKS} names is no key for the token in {ACTOR_TOKEN}.") from None
    except jwt.PyJWTError as error:  # the cause may quote the token
        raise RequestError(f"The token in {ACTOR_TOKEN} is none that holds ({type(error).__name__}).") from None
    subject = str(claims["sub"]).strip()
    if claims.get("role") != AUDIENCE or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise RequestError(f"The token in {ACTOR_TOKEN} is not one of a person who signed in.")
    return subject


def _key(token: str, algorithm: str) -> jwt.PyJWK | str:
    """The key that a token of this algorithm must be signed with. A public key is never taken for a secret."""
    if algorithm == SHARED:
        secret = os.environ.get(JWT_SECRET, "").strip()
        if not secret:
            raise RequestError(
                f"{ACTOR_TOKEN} is signed with a secret: set {JWT_SECRET} to the project's, or unset it."
            )
        return secret
    if algorithm not in ASYMMETRIC:
        raise RequestError(f"The token in {ACTOR_TOKEN} is not signed in a way that can be verified.")
    place = os.environ.get(JWKS, "").strip()
    if not place:
        raise RequestError(f"{ACTOR_TOKEN} is signed with a key: set {JWKS} to the project's keys, or unset it.")
    wanted = jwt.get_unverified_header(token).get("kid")
    for key in _keys(place):
        if key.key_id == wanted and key.public_key_use in (None, "sig"):
            return key
    raise RequestError(f"The token in {ACTOR_TOKEN} is signed with a key that is not in {JWKS}.")


def _keys(place: str) -> list[jwt.PyJWK]:
    """The keys at an address, or in a file."""
    url = urlsplit(place)
    try:
        if url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK):
            return jwt.PyJWKClient(place, timeout=FETCHED_WITHIN_S).get_signing_keys()
        if url.scheme:
            raise RequestError(f"{JWKS} is to be an address that begins with https://, or a file.")
        return jwt.PyJWKSet.from_dict(json.loads(Path(place).read_text(encoding="utf-8"))).keys
    except (OSError, ValueError, AttributeError, jwt.PyJWTError) as error:
        raise RequestError(f"The keys that {JWKS} names cannot be read: {type(error).__name__}.") from error
