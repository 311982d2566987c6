"""Who works at the three sites, and whom they deal with. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulation.dice import Dice


@dataclass(frozen=True, slots=True)
class Team:
    """People who do the same kind of work at one site."""

    name: str
    people: tuple[str, ...]


NIGHT_JOBS: Final = Team("IT", ("BATCH_NIGHT",))

SALES: Final = Team("Vertrieb Süd", ("Jürgen Bäumler", "Käthe Großmann", "Sören Weiß", "Anja Löffelholz"))
CREDIT: Final = Team("Debitoren", ("Björn Schäfermeier", "Ute Jäckle", "Marie-Thérèse Böhm"))
WAREHOUSE: Final = Team(
    "Magazyn Łódź", ("Łukasz Dąbrowiecki", "Małgorzata Wójcicka", "Zofia Żak", "Paweł Gęś")
)
BILLING: Final = Team("Fakturierung", ("Jörg Mühlbacher", "Agnieszka Ślęzak", "Doris Knöpfle"))
CARRIER: Final = Team("Transports Besançon", ("François Lefèbvrier", "Hélène Garçonnet", "Noël Bérangier"))
RETURNS: Final = Team("Rücksendungen", ("Günther Nägele", "Stéphanie Maître", "Elżbieta Źródlak"))

REQUESTERS: Final = Team(
    "Fachbereiche", ("Bärbel Kühnlein", "Étienne Forêtier", "Jan Świątek", "Ines Möhrle")
)
MANAGERS: Final = Team("Leitung", ("Dr. Ägidius Roßkopf", "Geneviève Châtelard", "Grażyna Łękawa"))
BUYERS: Final = Team("Einkauf", ("Heiko Düringer", "Chloé Rivièroise", "Michał Żółtek", "Petra Säuberlich"))
RECEIVING: Final = Team("Wareneingang", ("Stanisław Bąkowicz", "Cédric Pâquier", "Uwe Böttger"))
PAYABLES: Final = Team("Kreditoren", ("Frauke Öhlschläger", "Aurélie Nöelting", "Krzysztof Ćwikła"))

HELPDESK: Final = Team("Helpdesk", ("Lea Pfännle", "Mikołaj Jóźwik", "Inès Bézierot"))
SPECIALISTS: Final = Team("Second Level", ("Holger Trübswetter", "Żaneta Kępa", "Loïc Grégoiret"))


@dataclass(frozen=True, slots=True)
class Partner:
    """A customer or a supplier."""

    number: str
    name: str
    city: str
    country: str


_TRADES: Final = {
    "DE": (
        ("Bäckerei", "Kühltechnik", "Möbelhaus", "Gärtnerei", "Schlüsselwerk", "Spedition"),
        ("Würzburg", "Köln", "Göttingen", "Lübeck", "Nürnberg", "Düsseldorf"),
        ("GmbH", "KG", "AG", "GmbH & Co. KG"),
    ),
    "PL": (
        ("Piekarnia", "Hurtownia", "Narzędzia", "Spółdzielnia", "Oświetlenie"),
        ("Łódź", "Poznań", "Gdańsk", "Wrocław", "Kraków"),
        ("Sp. z o.o.", "S.A."),
    ),
    "FR": (
        ("Fromagerie", "Ébénisterie", "Établissements", "Pâtisserie", "Mécanique"),
        ("Besançon", "Orléans", "Nîmes", "Évreux", "Saint-Étienne"),
        ("SARL", "SAS"),
    ),
}
_COUNTRIES: Final = ("DE", "DE", "DE", "PL", "PL", "FR")


def partners(dice: Dice, count: int, first_number: int) -> list[Partner]:
    """So many business partners, no name twice."""
    found: dict[str, Partner] = {}
    while len(found) < count:
        country = dice.pick(_COUNTRIES)
        trades, cities, forms = _TRADES[country]
        trade, city, form = dice.pick(trades), dice.pick(cities), dice.pick(forms)
        name = f"{trade} {city} {form}"
        number = str(first_number + 7 * len(found)).zfill(10)  # leading zeros, as a code has them
        found.setdefault(name, Partner(number, name, city, country))
    return list(found.values())
