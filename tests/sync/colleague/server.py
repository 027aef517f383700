"""The colleague's endpoint in tests: what it sends, rightly and wrongly, over a real line."""

import gzip
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Misdeed = Callable[[Any], None]
IBAN, BIC = "FR7630006000011234567890189", "AGRIFRPP"
SELLER = "6f1c0e38-8a53-4f0e-9d0a-0b0f8c6f2a11"


def prospect(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The sample of SPEC §13, every key filled."""
    return {
        "idProspect": number,
        "nom": "Dupont",
        "prenom": "Anne",
        "email": f"anne.dupont{number}@exemple.fr",
        "telephone": f"06 {number // 10**6 % 100:02} {number // 10**4 % 100:02} 56 78",
        "commercialId": SELLER,
        "informationsPaiement": [{"IBAN": IBAN, "BIC": BIC}],
        "Souscription": [
            {
                "offre": {"nom": "Site vitrine"},
                "contrats": [contract(f"CTR-{number}-{each}") for each in range(3)],
            }
        ],
        "commercial": {
            "id": SELLER,
            "nom": "Lefèvre",
            "prenom": "Hugo",
            "email": "sales@digiweb.test",
        },
        "identityCard": {"numero": "X4RTBPFW4", "delivree": "2021-05-04"},
        **changes,
    }


def contract(reference: str = "CTR-1", **changes: Any) -> dict[str, Any]:
    return {
        "titre": reference,
        "description": "Création du site, hébergement et maintenance",
        "statut": "Validé",
        "dateSignature": "2026-03-31",
        "dateValidation": "2026-04-02",
        "montant": 1490.00,
        "fournisseur": "DigiWeb",
        "type": "Création",
        "documentUrl": "/contrats/CTR-1.pdf",
        "auditTrailUrl": "/contrats/CTR-1-preuve.pdf",
        **changes,
    }


def body(prospects: Iterable[Any]) -> bytes:
    return json.dumps(list(prospects), ensure_ascii=False).encode()


def pieces(prospects: Iterable[Any]) -> Iterator[bytes]:
    """The list written as it is made."""
    yield b"["
    for place, each in enumerate(prospects):
        yield (b"," if place else b"") + json.dumps(each, ensure_ascii=False).encode()
    yield b"]"


def packed(data: bytes) -> Misdeed:
    return lambda handler: handler.send(200, gzip.compress(data), {"Content-Encoding": "gzip"})


def chunked(parts: Callable[[], Iterable[bytes]], *, end: bool = True) -> Misdeed:
    """Written piece by piece, without saying how much comes; `end=False` hangs up before the last word."""

    def answer(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        waiting = iter(parts())
        while part := b"".join(itertools.islice(waiting, 200)):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if end:
            handler.wfile.write(b"0\r\n\r\n")
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def cut(data: bytes, at: int) -> Misdeed:
    """Says how much it will send and hangs up before."""

    def answer(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[:at])
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def stalled(data: bytes, seconds: float = 5) -> Misdeed:
    """Sends the beginning, and then nothing."""

    def answer(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data) + 1000))
        handler.end_headers()
        handler.wfile.write(data)
        handler.wfile.flush()
        time.sleep(seconds)
        handler.close_connection = True

    return answer


def one_endless_text(megabytes: int) -> Misdeed:
    def parts() -> Iterator[bytes]:
        yield b'[{"nom":"'
        for _each in range(megabytes * 16):
            yield b"x" * 65536
        yield b'"}]'

    return chunked(parts)
