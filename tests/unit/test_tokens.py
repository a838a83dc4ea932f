"""Whose token it is, when it was verified; what does not hold is a fault of the configuration, and is not quoted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

from brightrun.configuration import ACTOR_TOKEN, JWKS, JWT_SECRET
from brightrun.errors import ExitCode, RequestError
from brightrun.tokens import verified_subject

SECRET = "of-the-project-and-nobody-elses-0123456789"
SUBJECT = "5a1f7d8e-0000-4000-8000-000000000001"
KEY = ec.generate_private_key(ec.SECP256R1())
ANOTHER_KEY = ec.generate_private_key(ec.SECP256R1())


def claims(**changes: Any) -> dict[str, Any]:
    """What Supabase's Auth signs for a person, with changes; what is None is left out."""
    now = int(time.time())
    said = {"sub": SUBJECT, "aud": "authenticated", "role": "authenticated", "iat": now, "exp": now + 3600, **changes}
    return {name: value for name, value in said.items() if value is not None}


def shared(secret: str | None = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), secret, algorithm=algorithm)


def by_key(key: ec.EllipticCurvePrivateKey = KEY, kid: str = "k1", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm="ES256", headers={"kid": kid})


def key_set() -> str:
    """The project's public keys, as its Auth serves them."""
    public = json.loads(ECAlgorithm.to_jwk(KEY.public_key()))
    return json.dumps({"keys": [{**public, "kid": "k1", "alg": "ES256", "use": "sig"}]})


def signed_with_the_public_key() -> str:
    """By hand: no library of today signs with a public key as if it were a secret."""
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [{"alg": "HS256", "typ": "JWT", "kid": "k1"}, claims()]
    text = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.new(public, text, hashlib.sha256).digest()).rstrip(b"=")
    return (text + b"." + signature).decode()


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A project whose secret and keys are known here."""
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    monkeypatch.setenv(JWT_SECRET, SECRET)
    monkeypatch.setenv(JWKS, str(keys))


@pytest.fixture
def key_server() -> Iterator[str]:
    """Serves the project's keys."""

    class Serve(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = key_set().encode()
            self.send_response(200 if self.path == "/jwks.json" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("make", [shared, by_key], ids=["secret", "key"])
def test_kf_55_a_token_that_holds_tells_who_acts(make: Callable[..., str]) -> None:
    assert verified_subject(make()) == SUBJECT
    assert verified_subject(make(exp=int(time.time()) - 2)) == SUBJECT  # clocks are apart


def test_keys_are_fetched_from_the_project(key_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(JWKS, f"{key_server}/jwks.json")
    assert verified_subject(by_key()) == SUBJECT
    for place, said in (
        (f"{key_server}/nothing", "cannot be read"),
        ("http://127.0.0.1:1/jwks.json", "cannot be read"),
        ("http://project.example.org/jwks.json", "https://"),
        ("ftp://project.example.org/jwks.json", "https://"),
        ("/no/such/file.json", "cannot be read"),
    ):
        monkeypatch.setenv(JWKS, place)
        with pytest.raises(RequestError, match=said):
            verified_subject(by_key())


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "expired": (lambda: shared(exp=int(time.time()) - 60), "has expired"),
    "expired, by key": (lambda: by_key(exp=int(time.time()) - 60), "has expired"),
    "forged": (lambda: shared("of-another-project-altogether-0123456789"), "was not signed by this project"),
    "forged, by key": (lambda: by_key(ANOTHER_KEY), "was not signed by this project"),
    "another key": (lambda: by_key(kid="k2"), "a key that is not in"),
    "unsigned": (lambda: shared(None, "none"), "not signed in a way"),
    "another algorithm": (lambda: shared(SECRET * 2, "HS512"), "not signed in a way"),
    "public key as secret": (signed_with_the_public_key, "was not signed by this project"),
    "changed": (lambda: shared().replace(".", ".e", 1), "none that holds|not signed by"),
    "no end": (lambda: shared(exp=None), "lacks `exp`"),
    "nobody": (lambda: shared(sub=None), "lacks `sub`"),
    "an empty name": (lambda: shared(sub=" "), "not one of a person"),
    "a name too long": (lambda: shared(sub="x" * 161), "not one of a person"),
    "no audience": (lambda: shared(aud=None), "lacks `aud`|not for people"),
    "another audience": (lambda: shared(aud="another"), "not for people"),
    "the service key": (lambda: shared(role="service_role"), "not one of a person"),
    "the anonymous key": (lambda: shared(role="anon"), "not one of a person"),
    "not yet": (lambda: shared(nbf=int(time.time()) + 600), "none that holds"),
    "garbage": (lambda: "garbage-that-is-no-token", "none that holds"),
}


@pytest.mark.parametrize(("make", "said"), REFUSED.values(), ids=REFUSED)
def test_kf_55_a_token_that_does_not_hold_is_refused_and_not_quoted(make: Callable[[], str], said: str) -> None:
    token = make()
    with pytest.raises(RequestError, match=said) as caught:
        verified_subject(token)
    assert caught.value.exit_code is ExitCode.BAD_REQUEST
    shown = f"{caught.value} {caught.value.__cause__!r}"
    assert ACTOR_TOKEN in shown
    for part in (SECRET, *token.split(".")):
        assert not part or part not in shown


def test_a_public_key_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    monkeypatch.setenv(JWT_SECRET, public)
    for token in (signed_with_the_public_key(), shared()):
        with pytest.raises(RequestError, match="is no key for the token"):
            verified_subject(token)


def test_what_it_is_verified_with_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(JWT_SECRET)
    assert verified_subject(by_key()) == SUBJECT
    for token in (shared(), signed_with_the_public_key()):
        with pytest.raises(RequestError, match=f"set {JWT_SECRET}"):
            verified_subject(token)
    monkeypatch.delenv(JWKS)
    with pytest.raises(RequestError, match=f"set {JWKS}"):
        verified_subject(by_key())
