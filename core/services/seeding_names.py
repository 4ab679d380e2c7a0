"""Names for a made-up company and its people: of many languages and scripts, since that is what lists have to show."""

from __future__ import annotations

import random
from typing import NamedTuple

DEPARTMENTS = (
    "Sales", "Support", "Engineering", "Finance", "People and Culture", "Legal", "Logistics", "Marketing",
    "Quality", "Vertrieb Süd", "Forschung und Entwicklung", "Service client",
)  # fmt: skip
GROUPS = (
    "Q3 onboarding", "Night shift", "First aiders", "New managers", "Safety officers", "Works council",
    "Pilot: mobile app", "Deutschkurs B1",
)  # fmt: skip
SMALL_GROUP = ("Mentors", 25)
TITLES = ("", "", "", "Team lead", "Account manager", "Technician", "Clerk", "Engineer", "Trainee", "Buyer")
SPOKEN = ("en", "en", "en", "de", "de", "fr", "es", "it", "nl", "pl", "pt", "")
COURSES = (
    "Fire safety", "Data protection", "First aid", "Negotiating", "Spreadsheets", "Project basics",
    "Forklift license", "Presenting", "German for work",
)  # fmt: skip
PATH = "Becoming a manager"

# First names | last names; `shown=written` where the address needs other letters than the name.
_NAMES = (
    """Emma Olivia James Grace Henry Amelia Jack Chloe Daniel Ruth Samuel Hannah Oliver Isla George Maeve Nathan Iris
    Callum Beatrice Hugo Phoebe Owen Nora|
    Smith Walker Clarke Turner Hughes Bennett Palmer Reid O'Connor=oconnor Marsh Whitfield Doyle Fletcher Lawson Pike
    Hargreaves Byrne Ashworth Kendall Ferris Tate Winslow""",
    """Jürgen=juergen Lena Käthe=kaethe Matthias Sabine Björn=bjoern Friederike Anke Uwe Greta Tobias Ulrike Jannik
    Heike Lothar Mareike Sönke=soenke Nele Volker Antje|
    Müller=mueller Schröder=schroeder Weiß=weiss Krüger=krueger Hoffmann Lange Vogel Böhm=boehm Schäfer=schaefer
    Lindner Brückner=brueckner Pohl Seidel Voß=voss Ziegler Kühn=kuehn Arndt Groß=gross""",
    """Zoé=zoe François=francois Amélie=amelie Benoît=benoit Chloé=chloe Théo=theo Inès=ines Mathieu Élodie=elodie
    Gaël=gael Margaux Rémi=remi Solène=solene Bastien|
    Lefèvre=lefevre Dubois Garçon=garcon Moreau Beaulieu Girard Noël=noel Côté=cote Fournier Lemaître=lemaitre
    Perrin Rousseau Blanchard Vasseur""",
    """Lucía=lucia José=jose María=maria Íñigo=inigo Sofía=sofia Martín=martin Pilar Andrés=andres Ramón=ramon
    Ximena Joaquín=joaquin Belén=belen Óscar=oscar Nieves|
    Muñoz=munoz García=garcia Ibáñez=ibanez Núñez=nunez Ortega Peña=pena Vázquez=vazquez Romero Cárdenas=cardenas
    Quiroga Salinas Echeverría=echeverria Bermúdez=bermudez""",
    """Łukasz=lukasz Agnieszka Paweł=pawel Małgorzata=malgorzata Wojciech Zofia Grażyna=grazyna Bartosz Jadwiga
    Sławomir=slawomir Halina Michał=michal|
    Wójcik=wojcik Kowalczyk Żak=zak Lewandowska Dąbrowska=dabrowska Szczepański=szczepanski Zając=zajac Gołąb=golab
    Piątek=piatek Mazur Sikora""",
    """Søren=soren Åsa=asa Astrid Jørgen=jorgen Elín=elin Þór=thor Mikkel Saga Håkon=hakon Freja Ragnhild Eyvind|
    Sørensen=sorensen Ångström=angstrom Lindqvist Bjørnstad=bjornstad Guðmundsdóttir=gudmundsdottir Holm Kjær=kjaer
    Nyström=nystrom Haugen Ekdahl""",
    """ليلى=layla محمد=mohammed فاطمة=fatima يوسف=youssef مريم=maryam خالد=khaled نور=nour سلمى=salma طارق=tariq|
    الحداد=haddad المصري=almasri منصور=mansour النجار=najjar صالح=saleh العلي=alali قاسم=qasim خوري=khoury""",
    """伟=wei 芳=fang 秀英=xiuying 娜=na 强=qiang 静=jing 磊=lei 丽华=lihua 建国=jianguo 小红=xiaohong|
    王=wang 李=li 张=zhang 刘=liu 陈=chen 欧阳=ouyang 黄=huang 赵=zhao 周=zhou 吴=wu""",
    """Ayşe=ayse Mehmet Zeynep Emre Çağla=cagla Özgür=ozgur Defne Kerem Şebnem=sebnem Tuğba=tugba|
    Yılmaz=yilmaz Şahin=sahin Öztürk=ozturk Demir Çelik=celik Aydın=aydin Korkmaz Güneş=gunes Polat""",  # noqa: RUF001 - the dotless i is meant
    """Priya Arjun Ananya Rohan Kavya Vikram Meera Sanjay Divya Harish Lakshmi Nikhil|
    Sharma Iyer Patel Chatterjee Nair Venkataraman Deshpande Kulkarni Banerjee Reddy Mehta""",
    """Linh Đức=duc Thảo=thao Minh Hương=huong Quỳnh=quynh Tuấn=tuan Khánh=khanh|
    Nguyễn=nguyen Trần=tran Phạm=pham Đặng=dang Bùi=bui Vũ=vu Hoàng=hoang""",
    """Amara Chidi Ngozi Kwame Adaeze Thandiwe Kofi Zuri Tendai Abena Sipho Wanjiru|
    Okafor Adeyemi Mensah Nkosi Abara Dlamini Owusu Kamau Mwangi Eze Boateng""",
)


class Name(NamedTuple):
    """A first or a last name: as it is shown, and as it stands in an address."""

    shown: str
    written: str


def pick_name(chance: random.Random) -> tuple[Name, Name]:
    """Return a first and a last name of one language."""
    firsts, lasts = chance.choice(_CULTURES)
    return chance.choice(firsts), chance.choice(lasts)


def _names(text: str) -> tuple[Name, ...]:
    split = (word.partition("=") for word in text.split())
    return tuple(Name(shown, written or shown.lower()) for shown, _, written in split)


_CULTURES = tuple((_names(text.partition("|")[0]), _names(text.partition("|")[2])) for text in _NAMES)
