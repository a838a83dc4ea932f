"""Whether users say that they do other work than the planned one (KF-04).

Written for English, and for plain statements only: what is not said plainly contradicts nothing. Who asks on somebody
else's behalf may speak of two people, and is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from brightrun.items import Item
from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.identity_in_text import attribute, is_plain
from brightrun.quality.read_message import LETTERS, ReadMessage
from brightrun.quality.verdicts import CheckCode, Finding, fail

_OCCUPATIONS = """
teacher: teach educator instructor school professor
professor: profess university college teach lectur
nurse: nurs rn
accountant: account bookkeep cpa finance
bookkeeper: account bookkeep
cpa: account cpa
lawyer: law attorney counsel legal
attorney: law attorney counsel legal
paralegal: paralegal law
plumber: plumb
electrician: electric
welder: weld
roofer: roof
machinist: machin
pharmacist: pharmac
dentist: dent
hygienist: hygien dent
physician: physician doctor medic
surgeon: surg doctor
midwife: midwi
firefighter: fire
police officer: police
cop: police
truck driver: truck driver deliver
bus driver: bus driver transit
cab driver: cab taxi driver
mail carrier: mail postal
librarian: librar
chef: chef cook kitchen restaurant
baker: bak
butcher: butcher
bartender: bar
barista: barista coffee
waiter: wait server restaurant
waitress: wait server restaurant
cashier: cash retail
carpenter: carpent contractor
mechanic: mechanic repair
paramedic: paramedic emergency ambulance
social worker: social case
software engineer: software engineer developer programmer data
software developer: software engineer developer programmer data
programmer: software engineer developer programmer data
hairdresser: hair salon stylist
barber: barber hair
architect: architect
veterinarian: vet animal
photographer: photo
journalist: journal report editor news
flight attendant: flight airline
pilot: pilot airline
realtor: realt real estate
farmer: farm
janitor: janitor custod facilit
custodian: janitor custod facilit
receptionist: reception
security guard: security
physical therapist: therap
psychologist: psycholog counsel
economist: econom
graphic designer: design
musician: music
translator: translat
""".strip()
OCCUPATIONS = {
    name: tuple(stems.split()) for name, _, stems in (line.partition(": ") for line in _OCCUPATIONS.splitlines())
}
"""Occupations that people name, each with what a planned text holds that may mean the same."""
_PLACES = """
bank: bank credit finance
hospital: hospital health nurse pharmac medic clinic doctor
restaurant: restaurant cook chef wait
post office: post mail
warehouse: warehouse logistic distribut
factory: factory manufactur plant
grocery store: grocer retail store
supermarket: grocer retail store market
hotel: hotel
casino: casino
law firm: law legal attorney
airport: air
construction site: construct build
call center: call dispatch
daycare: day child care
""".strip()
WORKPLACES = {name: tuple(stems.split()) for name, _, stems in (line.partition(": ") for line in _PLACES.splitlines())}

_TRADES = """
driv(?:e|ing) (?:a|the) (?:truck|bus|cab|taxi|rig|forklift|school bus|tow truck): driver transit truck deliver
wait(?:ing)? tables: wait server restaurant
tend(?:ing)? bar: bar
cut(?:ting)? hair: hair barber salon stylist
clean(?:ing)? (?:houses|offices|teeth|rooms): clean custod janitor hygien housekeep facilit
hang(?:ing)? (?:drywall|sheetrock): construct carpent contractor drywall
lay(?:ing)? (?:brick|bricks|tile|carpet|pipe|floors): construct mason contractor plumb floor
pour(?:ing)? concrete: construct concrete contractor
fram(?:e|ing) houses: construct carpent contractor
(?:do|doing|work|working) (?:construction|roofing|landscaping|demolition): construct roof landscap contractor
paint(?:ing)? houses: paint contractor
fix(?:ing)? (?:cars|engines|trucks|roofs|boilers): mechanic repair roof technician
sell(?:ing)? (?:cars|insurance|houses|homes|real estate|shoes|furniture): sales sell realt real insur retail
stock(?:ing)? shelves: retail store stock grocer
deliver(?:ing)? (?:mail|packages|pizzas?): mail postal deliver courier
(?:work|working) (?:the|on the|on an?) (?:line|assembly line|oil rig|register): manufactur assembl oil retail cook plant
rais(?:e|ing) cattle: farm ranch
""".strip()
TRADES = tuple(
    (
        re.compile(
            rf"\bi(?:['’]ve| have) been {phrase} (?:for|since|going on|all)\b|\bi {phrase} for (?:a living|work)\b"
        ),
        tuple(stems.split()),
    )
    for phrase, _, stems in (line.partition(": ") for line in _TRADES.splitlines())
)
"""What people say they do all day, each with what a planned text holds that may mean the same."""
TRADE_WORDS = frozenset({"been", "living", "work"})

_NAMED = "|".join(sorted(OCCUPATIONS, key=len, reverse=True))
SAYS_WORK = re.compile(
    rf"\b(?:i['’]?m|i am|i work as|i['’]ve been|being|my (?:job|work|life) as) an? (?:[a-z]+[ -]){{0,2}}?({_NAMED})\b"
    r"(?!['’]s| (?:at heart|by training|in training|once|aide|assistant|kid|to my|for my|myself|now\?))"
)
SPEAKS_AS = re.compile(rf"\bas an? (?:[a-z]+[ -]){{0,2}}?({_NAMED})(?:,? i\b| myself\b)")
SAYS_WORKS_AS = re.compile(
    r"\bi work as an? ((?:[a-z-]+ ){0,2}?[a-z-]*(?:ist|ian|er|or|nurse|cpa|chef|ranger|clerk|cook|aide))\b"
    r"(?! (?:too|as well|on the side|on (?:sat|sun|week)\w+|in (?:the )?summer|part[- ]time|sometimes))"
)
DRIVES = re.compile(
    r"\bi drive an? (?:[a-z]+ )?(truck|bus|cab|taxi|forklift|van|semi|rig) (?:for a living|for work"
    r"|cross[- ]country|all day|long[- ]haul)"
)
CODES = re.compile(r"\bi (?:write (?:code|software)|code|program) (?:all day|for a living|for work)\b")
CODES_STEMS = ("software", "engineer", "develop", "data", "devops", "program", "qa", "ux", "product manager")
OWNS = re.compile(
    r"\bi (?:run|own) (?:a|my own|my) (?:[a-z]+ ){0,2}?(bakery|restaurant|cafe|shop|store|salon|farm|garage"
    r"|bar|agency|practice|studio"
    r"|barbershop|daycare|landscaping|plumbing)\b"
)
WORKS_AT = re.compile(
    rf"\b(?:i work|my (?:shifts?|job|work|desk|boss)) (?:at|for|in) (?:an? |the )(?:[a-z]+ )?({'|'.join(WORKPLACES)})\b"
)
RETIRED = re.compile(
    r"\b(?:i['’]?m|i am) (?:already |now )?retired\b|\bsince i retired\b|\bi retired (?:last|two|three|in|early)\b"
)
WITHOUT_WORK = re.compile(
    r"\bsince i (?:got|was) (?:laid off|fired|let go)\b|\b(?:i['’]?ve been|i['’]?m|i am|been) (?:out of work"
    r"|unemployed|between jobs|jobless|on unemployment)\b"
)
VAGUE = re.compile(
    r"(?:manager|worker|lead|leader|consultant|contractor|director|supervisor|officer|freelancer|volunteer"
    r"|caregiver|partner|teller|member|owner|coordinator|administrator|number|rather|other|after|order)\Z"
)
"""What a person of many occupations may call themselves."""
WITHOUT_WORK_WORDS = frozenset({"since", "work", "unemployed", "jobs", "jobless", "unemployment"})
OCCUPATION_WORDS = frozenset(LETTERS.findall(" ".join(name.rsplit(None, 1)[-1] for name in OCCUPATIONS)))
WORKPLACE_WORDS = frozenset(LETTERS.findall(" ".join(WORKPLACES)))
HINTS = frozenset(word for name in OCCUPATIONS for word in name.split()) | frozenset(
    [
        "been",
        "living",
        "work",
        "shift",
        "shifts",
        "job",
        "laid",
        "drive",
        "code",
        "program",
        "write",
        "run",
        "own",
        "retired",
        "unemployed",
        "jobless",
        "jobs",
    ]
)


def work(candidate: Candidate) -> Iterator[Finding]:
    """Users have no other occupation than the planned one."""
    planned = attribute(candidate.item, "work")
    if not planned or candidate.item.identity.reason:
        return
    for question in candidate.read_questions:
        if HINTS.isdisjoint(question.words):
            continue
        for match in _other_work(question, planned, candidate):
            if is_plain(question.lowered, match):
                yield fail(CheckCode.OTHER_WORK, question.number, evidence(question.text, match))
                return


def _other_work(question: ReadMessage, planned: str, candidate: Candidate) -> Iterator[re.Match[str]]:
    """Where another occupation is named, or a place of work that does not go with the planned one."""
    for pattern, known, hints in (
        (SAYS_WORK, OCCUPATIONS, OCCUPATION_WORDS),
        (SPEAKS_AS, OCCUPATIONS, OCCUPATION_WORDS),
        (WORKS_AT, WORKPLACES, WORKPLACE_WORDS),
    ):
        for match in question.matches(pattern, hints):
            if not any(stem in planned for stem in known[match[1]]):
                yield match
    for match in question.matches(SAYS_WORKS_AS, frozenset({"work"})):
        named = any(occupation in match[1] for occupation in OCCUPATIONS)
        same = any(word[:4] in planned for word in match[1].replace("-", " ").split() if len(word) > 3)
        if not (named or same or VAGUE.search(match[1])):
            yield match
    for pattern, hints in ((DRIVES, frozenset({"drive"})), (OWNS, frozenset({"run", "own"}))):
        for match in question.matches(pattern, hints):
            if match[1][:4] not in planned and "driver" not in planned:
                yield match
    for trade, stems in TRADES if question.holding(TRADE_WORDS) else ():
        if not any(stem in planned for stem in stems):
            yield from question.matches(trade, TRADE_WORDS)
    if not any(stem in planned for stem in CODES_STEMS):
        yield from question.matches(CODES, frozenset({"write", "code", "program"}))
    if "retired" not in planned:
        yield from question.matches(RETIRED, frozenset({"retired"}))
    if not _may_be_without_work(candidate.item):
        yield from question.matches(WITHOUT_WORK, WITHOUT_WORK_WORDS)


def _may_be_without_work(item: Item) -> bool:
    """Whether the plan speaks of a job that is lost or left."""
    told = f"{item.cell.topic} {item.situation} {item.life_event} {attribute(item, 'work')}".lower()
    return any(word in told for word in ("job", "laid off", "unemploy", "career", "layoff", "quit", "between"))
