"""What people and programs write over a column of addresses, in many languages (R20)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from core.values import name_key

_MOST = 40  # characters; no heading below is longer
_NO_LETTER = re.compile(r"[\W_]+")
_SEPARATOR_LINE = re.compile(r"sep=.?", re.IGNORECASE)

# Without blanks, hyphens and accents, which `_bare` takes away on both sides.
_ENGLISH = """
email emails mail mails address addresses emailaddress emailaddresses mailaddress mailaddresses emailid email1
emailaddress1 useremail useremails primaryemail workemail businessemail contactemail username user users login
recipient recipients contact contacts to
"""
_GERMANIC = """
adresse adressen emailadresse emailadressen mailadresse mailadressen empfänger benutzer mitarbeiter teilnehmer
emailadres mailadres adres epost eposter epostadress epostadresser epostadresse epostadressen mejl mejladress
mejladresse tölvupóstur netfang
"""
_ROMANCE = """
courriel courriels adressemail adressesmail adresseemail adressesemail adressecourriel adresseélectronique
adressedemessagerie correo correos correoelectrónico correoselectrónicos dirección direccióndecorreo
direccióndecorreoelectrónico direcciónemail direccióndeemail endereço endereçodeemail endereçoeletrônico
correioeletrônico correioelectrónico indirizzo indirizzi indirizzoemail indirizziemail indirizzomail
indirizzodiposta indirizzodipostaelettronica indirizzopostaelettronica postaelettronica adresă adresădeemail
adresăemail correu correuelectrònic adreçaelectrònica
"""
_EAST_AND_NORTH = """
adresemail adresymail adresemailowy adresyemail adresaemail emailovaadresa emailadresa eposta epošta epostaadresi
epoštninaslov naslov emailcím emailcímek epaštas elpaštas elpaštoadresas epasts epastaadrese meil meiliaadress
sähköposti sähköpostiosoite почта электроннаяпочта элпочта адрес адреса адресэлектроннойпочты емейл имейл
емайл електроннапошта електроннаадреса имейладрес ηλεκτρονικήδιεύθυνση διεύθυνσηηλεκτρονικούταχυδρομείου
"""
_ASIAN = """
邮箱 电子邮箱 电子邮件 电子邮件地址 邮件地址 邮箱地址 電子郵件 電子郵件地址 信箱 メール メールアドレス 電子メール 이메일 이메일주소 메일
דואל דואראלקטרוני البريدالإلكتروني بريدإلكتروني البريد ईमेल อีเมล thưđiệntử
"""


def is_heading(text: str) -> bool:
    """Tell whether `text` is what stands over addresses and not one of them."""
    return len(text) <= _MOST and _bare(text) in _headings()


def is_separator_line(text: str) -> bool:
    """Tell whether `text` is the `sep=;` that Excel takes as the first line of a file."""
    return bool(_SEPARATOR_LINE.fullmatch(text))


@cache
def _headings() -> frozenset[str]:
    words = (_ENGLISH + _GERMANIC + _ROMANCE + _EAST_AND_NORTH + _ASIAN).split()
    return frozenset(map(_bare, words))


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name_key(text))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NO_LETTER.sub("", letters)
