"""Countries: ISO 3166-1 alpha-2 codes, their names in English and French, and how people write them."""

import re
import unicodedata
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# alpha-2, alpha-3, English names / French names; the first of each is the one shown.
_TABLE = """
AD AND Andorra / Andorre
AE ARE United Arab Emirates, UAE / Émirats arabes unis, EAU
AF AFG Afghanistan / Afghanistan
AG ATG Antigua and Barbuda / Antigua-et-Barbuda
AI AIA Anguilla / Anguilla
AL ALB Albania / Albanie
AM ARM Armenia / Arménie
AO AGO Angola / Angola
AQ ATA Antarctica / Antarctique
AR ARG Argentina / Argentine
AS ASM American Samoa / Samoa américaines
AT AUT Austria, Österreich / Autriche
AU AUS Australia / Australie
AW ABW Aruba / Aruba
AX ALA Åland Islands / Îles Åland
AZ AZE Azerbaijan / Azerbaïdjan
BA BIH Bosnia and Herzegovina, Bosnia / Bosnie-Herzégovine, Bosnie
BB BRB Barbados / Barbade
BD BGD Bangladesh / Bangladesh
BE BEL Belgium, België / Belgique
BF BFA Burkina Faso / Burkina Faso
BG BGR Bulgaria / Bulgarie
BH BHR Bahrain / Bahreïn
BI BDI Burundi / Burundi
BJ BEN Benin / Bénin
BL BLM Saint Barthélemy / Saint-Barthélemy
BM BMU Bermuda / Bermudes
BN BRN Brunei / Brunei
BO BOL Bolivia / Bolivie
BQ BES Caribbean Netherlands / Pays-Bas caribéens
BR BRA Brazil, Brasil / Brésil
BS BHS Bahamas / Bahamas
BT BTN Bhutan / Bhoutan
BV BVT Bouvet Island / Île Bouvet
BW BWA Botswana / Botswana
BY BLR Belarus / Biélorussie, Bélarus
BZ BLZ Belize / Belize
CA CAN Canada / Canada
CC CCK Cocos Islands, Keeling Islands / Îles Cocos
CD COD Democratic Republic of the Congo, Congo (DRC), DR Congo / République démocratique du Congo, RDC
CF CAF Central African Republic / République centrafricaine, Centrafrique
CG COG Congo / Congo, République du Congo, Congo-Brazzaville
CH CHE Switzerland, Schweiz / Suisse
CI CIV Ivory Coast / Côte d’Ivoire
CK COK Cook Islands / Îles Cook
CL CHL Chile / Chili
CM CMR Cameroon / Cameroun
CN CHN China, People's Republic of China / Chine
CO COL Colombia / Colombie
CR CRI Costa Rica / Costa Rica
CU CUB Cuba / Cuba
CV CPV Cape Verde, Cabo Verde / Cap-Vert
CW CUW Curaçao / Curaçao
CX CXR Christmas Island / Île Christmas
CY CYP Cyprus / Chypre
CZ CZE Czechia, Czech Republic / Tchéquie, République tchèque
DE DEU Germany, Deutschland / Allemagne
DJ DJI Djibouti / Djibouti
DK DNK Denmark, Danmark / Danemark
DM DMA Dominica / Dominique
DO DOM Dominican Republic / République dominicaine
DZ DZA Algeria / Algérie
EC ECU Ecuador / Équateur
EE EST Estonia / Estonie
EG EGY Egypt / Égypte
EH ESH Western Sahara / Sahara occidental
ER ERI Eritrea / Érythrée
ES ESP Spain, España / Espagne
ET ETH Ethiopia / Éthiopie
FI FIN Finland, Suomi / Finlande
FJ FJI Fiji / Fidji
FK FLK Falkland Islands / Îles Malouines, Malouines
FM FSM Micronesia / Micronésie
FO FRO Faroe Islands / Îles Féroé
FR FRA France, French Republic / France, République française, France métropolitaine
GA GAB Gabon / Gabon
GB GBR United Kingdom, UK, Great Britain, Britain, England, Scotland, Wales, Northern Ireland \
/ Royaume-Uni, Grande-Bretagne, Angleterre, Écosse, Pays de Galles, Irlande du Nord
GD GRD Grenada / Grenade
GE GEO Georgia / Géorgie
GF GUF French Guiana / Guyane française, Guyane
GG GGY Guernsey / Guernesey
GH GHA Ghana / Ghana
GI GIB Gibraltar / Gibraltar
GL GRL Greenland / Groenland
GM GMB Gambia / Gambie
GN GIN Guinea / Guinée
GP GLP Guadeloupe / Guadeloupe
GQ GNQ Equatorial Guinea / Guinée équatoriale
GR GRC Greece, Hellas / Grèce
GS SGS South Georgia / Géorgie du Sud
GT GTM Guatemala / Guatemala
GU GUM Guam / Guam
GW GNB Guinea-Bissau / Guinée-Bissau
GY GUY Guyana / Guyana
HK HKG Hong Kong / Hong Kong
HM HMD Heard and McDonald Islands / Îles Heard-et-MacDonald
HN HND Honduras / Honduras
HR HRV Croatia, Hrvatska / Croatie
HT HTI Haiti / Haïti
HU HUN Hungary / Hongrie
ID IDN Indonesia / Indonésie
IE IRL Ireland, Éire / Irlande
IL ISR Israel / Israël
IM IMN Isle of Man / Île de Man
IN IND India / Inde
IO IOT British Indian Ocean Territory / Territoire britannique de l’océan Indien
IQ IRQ Iraq / Irak
IR IRN Iran / Iran
IS ISL Iceland / Islande
IT ITA Italy, Italia / Italie
JE JEY Jersey / Jersey
JM JAM Jamaica / Jamaïque
JO JOR Jordan / Jordanie
JP JPN Japan / Japon
KE KEN Kenya / Kenya
KG KGZ Kyrgyzstan / Kirghizistan
KH KHM Cambodia / Cambodge
KI KIR Kiribati / Kiribati
KM COM Comoros / Comores
KN KNA Saint Kitts and Nevis / Saint-Christophe-et-Niévès
KP PRK North Korea / Corée du Nord
KR KOR South Korea, Korea, Republic of Korea / Corée du Sud
KW KWT Kuwait / Koweït
KY CYM Cayman Islands / Îles Caïmans
KZ KAZ Kazakhstan / Kazakhstan
LA LAO Laos / Laos
LB LBN Lebanon / Liban
LC LCA Saint Lucia / Sainte-Lucie
LI LIE Liechtenstein / Liechtenstein
LK LKA Sri Lanka / Sri Lanka
LR LBR Liberia / Libéria
LS LSO Lesotho / Lesotho
LT LTU Lithuania / Lituanie
LU LUX Luxembourg, Luxemburg / Luxembourg
LV LVA Latvia / Lettonie
LY LBY Libya / Libye
MA MAR Morocco / Maroc
MC MCO Monaco / Monaco
MD MDA Moldova / Moldavie
ME MNE Montenegro / Monténégro
MF MAF Saint Martin / Saint-Martin
MG MDG Madagascar / Madagascar
MH MHL Marshall Islands / Îles Marshall
MK MKD North Macedonia, Macedonia / Macédoine du Nord, Macédoine
ML MLI Mali / Mali
MM MMR Myanmar, Burma / Birmanie
MN MNG Mongolia / Mongolie
MO MAC Macao, Macau / Macao
MP MNP Northern Mariana Islands / Îles Mariannes du Nord
MQ MTQ Martinique / Martinique
MR MRT Mauritania / Mauritanie
MS MSR Montserrat / Montserrat
MT MLT Malta / Malte
MU MUS Mauritius / Maurice, Île Maurice
MV MDV Maldives / Maldives
MW MWI Malawi / Malawi
MX MEX Mexico, México / Mexique
MY MYS Malaysia / Malaisie
MZ MOZ Mozambique / Mozambique
NA NAM Namibia / Namibie
NC NCL New Caledonia / Nouvelle-Calédonie
NE NER Niger / Niger
NF NFK Norfolk Island / Île Norfolk
NG NGA Nigeria / Nigeria, Nigéria
NI NIC Nicaragua / Nicaragua
NL NLD Netherlands, The Netherlands, Holland, Nederland / Pays-Bas, Hollande
NO NOR Norway, Norge / Norvège
NP NPL Nepal / Népal
NR NRU Nauru / Nauru
NU NIU Niue / Niue
NZ NZL New Zealand / Nouvelle-Zélande
OM OMN Oman / Oman
PA PAN Panama / Panama
PE PER Peru / Pérou
PF PYF French Polynesia, Tahiti / Polynésie française
PG PNG Papua New Guinea / Papouasie-Nouvelle-Guinée
PH PHL Philippines / Philippines
PK PAK Pakistan / Pakistan
PL POL Poland, Polska / Pologne
PM SPM Saint Pierre and Miquelon / Saint-Pierre-et-Miquelon
PN PCN Pitcairn Islands / Îles Pitcairn
PR PRI Puerto Rico / Porto Rico
PS PSE Palestine / Palestine
PT PRT Portugal / Portugal
PW PLW Palau / Palaos
PY PRY Paraguay / Paraguay
QA QAT Qatar / Qatar
RE REU Réunion / La Réunion, Réunion, Île de La Réunion
RO ROU Romania / Roumanie
RS SRB Serbia / Serbie
RU RUS Russia, Russian Federation / Russie
RW RWA Rwanda / Rwanda
SA SAU Saudi Arabia / Arabie saoudite
SB SLB Solomon Islands / Îles Salomon
SC SYC Seychelles / Seychelles
SD SDN Sudan / Soudan
SE SWE Sweden, Sverige / Suède
SG SGP Singapore / Singapour
SH SHN Saint Helena / Sainte-Hélène
SI SVN Slovenia / Slovénie
SJ SJM Svalbard and Jan Mayen / Svalbard et Jan Mayen
SK SVK Slovakia / Slovaquie
SL SLE Sierra Leone / Sierra Leone
SM SMR San Marino / Saint-Marin
SN SEN Senegal / Sénégal
SO SOM Somalia / Somalie
SR SUR Suriname / Suriname
SS SSD South Sudan / Soudan du Sud
ST STP São Tomé and Príncipe / Sao Tomé-et-Principe
SV SLV El Salvador / Salvador
SX SXM Sint Maarten / Saint-Martin (partie néerlandaise)
SY SYR Syria / Syrie
SZ SWZ Eswatini, Swaziland / Eswatini
TC TCA Turks and Caicos Islands / Îles Turques-et-Caïques
TD TCD Chad / Tchad
TF ATF French Southern Territories / Terres australes françaises
TG TGO Togo / Togo
TH THA Thailand / Thaïlande
TJ TJK Tajikistan / Tadjikistan
TK TKL Tokelau / Tokelau
TL TLS East Timor, Timor-Leste / Timor oriental
TM TKM Turkmenistan / Turkménistan
TN TUN Tunisia / Tunisie
TO TON Tonga / Tonga
TR TUR Turkey, Türkiye / Turquie
TT TTO Trinidad and Tobago / Trinité-et-Tobago
TV TUV Tuvalu / Tuvalu
TW TWN Taiwan / Taïwan
TZ TZA Tanzania / Tanzanie
UA UKR Ukraine / Ukraine
UG UGA Uganda / Ouganda
UM UMI U.S. Outlying Islands / Îles mineures éloignées des États-Unis
US USA United States, United States of America, America / États-Unis, États-Unis d’Amérique
UY URY Uruguay / Uruguay
UZ UZB Uzbekistan / Ouzbékistan
VA VAT Vatican City, Holy See / Vatican, Saint-Siège
VC VCT Saint Vincent and the Grenadines / Saint-Vincent-et-les-Grenadines
VE VEN Venezuela / Venezuela
VG VGB British Virgin Islands / Îles Vierges britanniques
VI VIR U.S. Virgin Islands / Îles Vierges américaines
VN VNM Vietnam, Viet Nam / Viêt Nam
VU VUT Vanuatu / Vanuatu
WF WLF Wallis and Futuna / Wallis-et-Futuna
WS WSM Samoa / Samoa
XK XKX Kosovo / Kosovo
YE YEM Yemen / Yémen
YT MYT Mayotte / Mayotte
ZA ZAF South Africa / Afrique du Sud
ZM ZMB Zambia / Zambie
ZW ZWE Zimbabwe / Zimbabwe
"""

_ACCENT = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^a-z0-9]+")

COUNTRIES: dict[str, tuple[str, str]] = {}  # code: (English, French)
_CODES: dict[str, str] = {}  # any way to write it: code


def _key(text: str) -> str:
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text)).lower()
    return _WORD.sub(" ", plain).strip()


for _line in _TABLE.strip().splitlines():
    _code, _code3, _names = _line.split(" ", 2)
    _english, _french = ([name.strip() for name in part.split(",")] for part in _names.split(" / "))
    COUNTRIES[_code] = (_english[0], _french[0])
    for _name in (_code, _code3, *_english, *_french):
        _CODES.setdefault(_key(_name), _code)


@lru_cache(maxsize=1024)
def country_code(text: str) -> str:
    """The ISO code of a country written in English, in French or as a code. Raises ValidationError."""
    key = _key(text)
    code = _CODES.get(key) or (_CODES.get(key.replace(" ", "")) if len(key) <= 5 else None)  # U.S.A.
    if code is None:
        raise ValidationError(
            _("“%(value)s” isn't a country."), code="country", params={"value": text.strip()[:60]}
        )
    return code


def country_name(code: str) -> str:
    """The country's name in the active language; the code itself where it isn't one."""
    names = COUNTRIES.get(code)
    if names is None:
        return code
    return names[1] if (get_language() or "").startswith("fr") else names[0]


def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every country in the active language, France first."""
    codes = sorted(COUNTRIES, key=lambda code: (code != "FR", _key(country_name(code))))
    return [(code, country_name(code)) for code in codes]
