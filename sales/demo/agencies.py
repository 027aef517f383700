"""The demo's two agencies, with all that the law asks of whoever sends an invoice."""

import io
from datetime import timedelta
from decimal import Decimal

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw
from stdnum.eu import at_02

from digiweb.changes import initial_values
from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from digiweb.identifiers import vat_of_siren
from sales.demo.bank_accounts import made_up_iban
from sales.models import Agency

SEED = 20261123
SIDE = 256
# Of banks that there are not, in the shape of real ones.
BANKS = (
    ("Banque Démo du Rhône", "99001", "DEMOFRPPXXX"),
    ("Crédit Fictif de l’Ouest", "99003", "FICTFR2LXXX"),
)
FIRMS = (
    {
        "name": "Digiflow Agency SAS",
        "trade_name": "Digiflow Agency",
        "code": "DF",
        "legal_form": "SAS",
        "capital": Decimal(30000),
        "register": "RCS Lyon",
        "address": "18 quai Perrache",
        "postcode": "69002",
        "city": "Lyon",
        "email": "bonjour@digiflow.test",
        "website": "https://digiflow.test",
        "colour": "#3b3a9e",
    },
    {
        "name": "Be Hype SARL",
        "trade_name": "Be Hype",
        "code": "BH",
        "legal_form": "SARL",
        "capital": Decimal(8000),
        "register": "RCS Nantes",
        "address": "5 rue de la Fosse",
        "postcode": "44000",
        "city": "Nantes",
        "email": "hello@behype.test",
        "website": "https://behype.test",
        "colour": "#b4235a",
    },
)


def build_agencies(demo: Demo) -> list[Agency]:
    """Both stood there before the year began; the first is the one that sells most."""
    draw, at = Draw(SEED), demo.start - timedelta(days=3, hours=-9)
    agencies = []
    for place, firm in enumerate(FIRMS):
        siren, (bank, code, bic) = draw.siren(), BANKS[place]
        agency = Agency(
            pk=demo.number(Agency),
            **firm,
            siren=siren,
            siret=draw.siret(siren),
            vat_number=vat_of_siren(siren),
            naf_code="62.01Z" if place == 0 else "73.11Z",
            phone=draw.landline("04" if place == 0 else "02"),
            bank_name=bank,
            iban=made_up_iban(code, "00100", 12345678900 + place),
            bic=bic,
            ics=_ics(f"ZZZ{500000 + place}"),
            created_at=at,
            updated_at=at,
        )
        agency.logo.save(
            f"{'%032x' % (SEED + place)}.png", ContentFile(_logo(place, agency.colour)), save=False
        )
        agencies.append(agency)
    demo.insert(agencies)
    for agency in agencies:
        demo.happened(at, demo.people.get("admin"), "created", agency, changes=initial_values(agency))
    return agencies


def _ics(rest: str) -> str:
    return f"FR{at_02.calc_check_digits('FR00' + rest)}{rest}"


def _logo(place: int, colour: str) -> bytes:
    """Waves for the one, a spark for the other: drawn here, since no picture comes with the code."""
    picture = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((0, 0, SIDE - 1, SIDE - 1), 56, fill=colour)
    if place == 0:
        for row, length in enumerate((176, 128, 80)):
            top = 64 + row * 48
            pen.rounded_rectangle((40, top, 40 + length, top + 28), 14, fill="white")
    else:
        pen.polygon(((148, 32), (64, 148), (120, 148), (104, 224), (192, 104), (132, 104)), fill="white")
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
