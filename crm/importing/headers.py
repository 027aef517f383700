"""Which column is which: the files of the programs that people leave, and any other by its words."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from crm.importing.fields import FIELDS, Mapping
from crm.importing.words import normalise_words


class Preset(NamedTuple):
    name: str
    needs: frozenset[str]  # titles that must all be there
    columns: dict[str, str]  # title: field


def _preset(name: str, needs: str, columns: str) -> Preset:
    """`columns`: "field = title, title" a line, in the order in which they fill the field."""
    titles: dict[str, str] = {}
    for line in columns.strip().splitlines():
        target, written = line.split("=", 1)
        for title in written.split(","):
            titles[title.strip()] = target.strip()
    return Preset(name, frozenset(title.strip() for title in needs.split(",")), titles)


# Titles as `normalise_words` leaves them. The first preset whose needs are met wins.
PRESETS = (
    _preset(
        "google",
        "first name, last name, organization name, e mail 1 value",
        """
        first_name = first name
        last_name = last name
        full_name = file as
        email = e mail 1 value, e mail 2 value, e mail 3 value
        phone = phone 1 value, phone 2 value, phone 3 value
        company = organization name
        job_title = organization title
        address = address 1 street, address 1 extended address
        postcode = address 1 postal code
        city = address 1 city
        country = address 1 country
        tags = labels
        note = notes
        """,
    ),
    _preset(
        "google_old",
        "name, given name, family name",
        """
        first_name = given name
        last_name = family name
        full_name = name
        email = e mail 1 value, e mail 2 value, e mail 3 value
        phone = phone 1 value, phone 2 value, phone 3 value
        company = organization 1 name
        job_title = organization 1 title
        address = address 1 street, address 1 extended address
        postcode = address 1 postal code
        city = address 1 city
        country = address 1 country
        tags = group membership
        note = notes
        """,
    ),
    _preset(
        "outlook",
        "first name, last name, e mail address",
        """
        first_name = first name
        last_name = last name
        email = e mail address, e mail 2 address, e mail 3 address
        phone = business phone, company main phone, business phone 2, primary phone, home phone, other phone
        mobile = mobile phone
        company = company
        job_title = job title
        address = business street, business street 2, business street 3
        postcode = business postal code
        city = business city
        country = business country region, business country
        tags = categories
        note = notes
        """,
    ),
    _preset(
        "outlook_fr",
        "prenom, nom, adresse de messagerie",
        """
        first_name = prenom
        last_name = nom
        email = adresse de messagerie, adresse de messagerie 2, adresse de messagerie 3
        phone = telephone bureau, tel bureau, telephone societe, telephone 2 bureau, telephone principal, \
telephone domicile
        mobile = tel mobile, telephone mobile
        company = societe
        job_title = titre1, fonction, profession
        address = rue bureau, rue bureau 2, rue bureau 3
        postcode = code postal bureau
        city = ville bureau
        country = pays region bureau, pays bureau
        tags = categories
        note = notes
        """.replace("\\\n", ""),
    ),
    _preset(
        "linkedin",
        "first name, last name, connected on",
        """
        first_name = first name
        last_name = last name
        email = email address
        company = company
        job_title = position
        """,
    ),
    _preset(
        "hubspot",
        "record id, email",
        """
        first_name = first name
        last_name = last name
        email = email
        phone = phone number
        mobile = mobile phone number
        company = company name, associated company, associated company primary
        job_title = job title
        address = street address
        postcode = postal code
        city = city
        country = country region, country
        status = lifecycle stage
        source = original source, original traffic source
        """,
    ),
    _preset(
        "mailchimp",
        "email address, member rating",
        """
        first_name = first name
        last_name = last name
        email = email address
        phone = phone number, phone
        company = company
        address = address
        tags = tags
        note = notes
        """,
    ),
    _preset(
        "digiweb",
        "first name, last name, e mail, mobile, job title, status",
        """
        first_name = first name
        last_name = last name
        email = e mail
        phone = phone
        mobile = mobile
        company = company
        siret = company s siret
        job_title = job title
        address = address
        postcode = postcode
        city = town, city
        country = country
        status = status
        source = source
        tags = tags
        note = note
        """,
    ),
    _preset(
        "digiweb",
        "prenom, nom, e mail, mobile, poste, statut",
        """
        first_name = prenom
        last_name = nom
        email = e mail
        phone = telephone
        mobile = mobile
        company = entreprise
        siret = siret de l entreprise
        job_title = poste
        address = adresse
        postcode = code postal
        city = ville
        country = pays
        status = statut
        source = source
        tags = etiquettes
        note = note
        """,
    ),
    _preset(
        "french",
        "prenom, nom, email, telephone, entreprise, poste, ville, pays, statut, source",
        """
        first_name = prenom
        last_name = nom
        email = email
        phone = telephone
        company = entreprise
        job_title = poste
        city = ville
        country = pays
        status = statut
        source = source
        """,
    ),
)

_SYNONYMS = {
    "first_name": (
        "first name, firstname, given name, forename, fname, prenom, prenom du contact, christian name"
    ),
    "last_name": ("last name, lastname, surname, family name, lname, nom, nom de famille, nom du contact"),
    "full_name": (
        "full name, fullname, name, contact name, contact, display name, nom complet, nom et "
        "prenom, prenom nom, prenom et nom, nom prenom, nom prenoms, file as, fn, interlocuteur"
    ),
    "email": (
        "email, e mail, mail, email address, e mail address, adresse email, adresse e mail, adresse "
        "mail, adresse de messagerie, courriel, adresse electronique, email professionnel, work "
        "email, business email, primary email, email 1, e mail 1, e mail 1 value"
    ),
    "phone": (
        "phone, phone number, telephone, tel, telephone number, numero de telephone, no de "
        "telephone, telephone fixe, tel fixe, fixe, work phone, business phone, office phone, "
        "telephone professionnel, telephone bureau, tel bureau, home phone, phone 1, phone 1 value, "
        "num tel, numero"
    ),
    "mobile": (
        "mobile, mobile phone, mobile number, mobile phone number, cell, cell phone, cellphone, "
        "portable, telephone portable, telephone mobile, tel mobile, tel portable, gsm, numero de "
        "mobile, numero de telephone portable"
    ),
    "company": (
        "company, company name, organization, organisation, organization name, account, account "
        "name, employer, business name, entreprise, societe, raison sociale, nom de l entreprise, "
        "nom entreprise, nom de la societe, nom societe, etablissement, structure, organisme, "
        "employeur, associated company"
    ),
    "siret": (
        "siret, n siret, no siret, numero siret, siret de l entreprise, company siret, company s "
        "siret, code siret, siret siege"
    ),
    "job_title": (
        "job title, jobtitle, title, position, role, job, poste, fonction, intitule du poste, "
        "titre, metier, profession, titre du poste"
    ),
    "address": (
        "address, street, street address, address 1, address line 1, adresse, rue, adresse postale, "
        "adresse 1, adresse ligne 1, voie, mailing street, address 1 street, n et rue"
    ),
    "postcode": (
        "postcode, post code, postal code, zip, zip code, zipcode, code postal, cp, address 1 postal code"
    ),
    "city": "city, town, ville, commune, localite, city town, address 1 city",
    "country": "country, country region, pays, pays region, country code, code pays, nation",
    "status": (
        "status, statut, lifecycle stage, lead status, contact status, etat, type de contact, phase "
        "du cycle de vie, statut du contact, stade"
    ),
    "source": (
        "source, lead source, origin, origine, provenance, canal, source du lead, source d "
        "acquisition, original source"
    ),
    "tags": (
        "tags, tag, labels, label, categories, category, etiquettes, etiquette, libelles, groupes, "
        "groupe, group, groups, segment, segments, mots cles, group membership, categorie"
    ),
    "note": (
        "note, notes, comment, comments, commentaire, commentaires, remarque, remarques, "
        "description, memo, observations, observation"
    ),
}
_FIELD_OF = {title.strip(): name for name, titles in _SYNONYMS.items() for title in titles.split(",")}
_SEVERAL_COLUMNS = {"phone", "note", "tags"}
_CLOSE_ENOUGH = 0.87


def detect_mapping(header: list[str], customs: Iterable[Any] = ()) -> Mapping:
    """The preset that the header belongs to, and the field of each column that has one.

    `customs` are the custom fields in use: a column that bears the label or the key of one is taken for it,
    unless it surely is something else.
    """
    found = _detect(header)
    titles = [normalise_words(title) for title in header]
    for custom in customs:
        words = {normalise_words(custom.label), normalise_words(custom.key)}
        for at, title in enumerate(titles):
            sure = at in found.columns and (found.preset or title in _FIELD_OF)
            if title and title in words and not sure and custom.name not in found.customs:
                found.columns[at] = custom.name
                found.customs[custom.name] = custom
    return found


def _detect(header: list[str]) -> Mapping:
    titles = [normalise_words(title) for title in header]
    present = set(titles)
    for preset in PRESETS:
        if preset.needs <= present:
            columns = _by_preset(titles, preset)
            if preset.name == "digiweb":  # the labels of our export may change: the words still say it
                named = set(columns.values())
                columns |= {at: name for at, name in _by_words(titles).items() if name not in named}
            return Mapping(preset.name, columns)
    return Mapping("", _by_words(titles))


def _by_preset(titles: list[str], preset: Preset) -> dict[int, str]:
    columns: dict[int, str] = {}
    for wanted, name in preset.columns.items():  # the preset's order: the better column first
        if wanted in titles:
            columns[titles.index(wanted)] = name
    if preset.name == "outlook_fr" and "job_title" not in columns.values() and "titre" in titles:
        # "Titre" is Mr or Mrs before the first name, the job after the company.
        at = titles.index("titre")
        if "societe" in titles[:at]:
            columns[at] = "job_title"
    return columns


def _by_words(titles: list[str]) -> dict[int, str]:
    columns: dict[int, str] = {}
    taken: set[str] = set()

    def give(index: int, name: str | None) -> None:
        if name and (name not in taken or name in _SEVERAL_COLUMNS) and index not in columns:
            columns[index] = name
            taken.add(name)

    # Sure titles first, so that a likely one never takes their field.
    for index, title in enumerate(titles):
        give(index, _FIELD_OF.get(title))
    for index, title in enumerate(titles):
        if index not in columns:
            name = _closest(title)
            if name not in taken:
                give(index, name)
    # "nom" alone, without a first name, is the whole name.
    if "last_name" in taken and not taken & {"first_name", "full_name"}:
        columns = {at: "full_name" if name == "last_name" else name for at, name in columns.items()}
    return {index: columns[index] for index in sorted(columns)}


def _closest(title: str) -> str | None:
    if len(title) < 4 or len(title) > 60:
        return None
    best, score = None, _CLOSE_ENOUGH
    for known, name in _FIELD_OF.items():
        if abs(len(known) - len(title)) > 3 or len(known) < 4:
            continue
        ratio = SequenceMatcher(None, title, known).ratio()
        if ratio >= score:
            best, score = name, ratio
    return best


assert all(name in FIELDS for preset in PRESETS for name in preset.columns.values())  # noqa: S101
