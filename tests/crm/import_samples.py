"""What the tests of reading contacts share: headers as programs write them, a row read."""

import csv

import pytest
from django.utils import translation

from crm.importing.fields import clean_row
from crm.importing.headers import detect_mapping


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def mapped(header):
    """Title of the column: field, for a header written as in the file."""
    titles = next(csv.reader([header]))
    mapping = detect_mapping(titles)
    return mapping.preset, {titles[column]: name for column, name in mapping.columns.items()}


def imported(header, *values, **defaults):
    titles = next(csv.reader([header]))
    return clean_row(list(values), detect_mapping(titles), defaults)


GIVEN = "prenom,nom,email,telephone,entreprise,poste,ville,pays,statut,source"
GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,"
    "Phonetic Last Name,Name Prefix,"
    "Name Suffix,Nickname,File As,Organization Name,Organization Title,"
    "Organization Department,Birthday,Notes,Photo,"
    "Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Label,"
    "Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,"
    "Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address"
)
GOOGLE_OLD = (
    "Name,Given Name,Additional Name,Family Name,Yomi Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
    "Phone 1 - Type,Phone 1 - Value,Address 1 - City,Organization 1 - Type,Organization 1 - Name,"
    "Organization 1 - Title"
)
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,"
    "Business Street,Business City,"
    "Business Postal Code,Business Country/Region,Home City,Business Phone,Mobile Phone,E-mail Address,"
    "E-mail 2 Address,Categories,Notes"
)
OUTLOOK_FR = (
    "Titre,Prénom,Deuxième prénom,Nom,Suffixe,Société,Service,Titre1,Rue (bureau),Ville (bureau),"
    "Code postal (bureau),Pays/Région (bureau),Téléphone (bureau),Tél. mobile,"
    "Adresse de messagerie,Catégories,Notes"
)
LINKEDIN = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
HUBSPOT = (
    "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Lead Status,Create Date,"
    "Associated Company"
)
MAILCHIMP = "Email Address,First Name,Last Name,Address,Phone Number,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,TAGS"
