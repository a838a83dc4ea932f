"""How well the checks tell good conversations from broken ones: precision and recall over the labelled set.

    python benchmarks/labelled.py             the tuning half
    python benchmarks/labelled.py --held-out  the held-out half, which nobody tunes by
    python benchmarks/labelled.py --opened    the half that was held out until it had been measured four times
    python benchmarks/labelled.py --practice  what was written later and is in neither half
    python benchmarks/labelled.py --validation  what was written with that, of which only totals are shown
    … --json FILE                             the figures as JSON
    … --markdown                              totals, and precision and recall per code, as tables for a page
    … --misses                                and what was missed or wrongly found, by key (tuning half only)
    … --judge MODEL                           with judge and reader: of the API that the environment names, or simulated
    … --judge recorded                        with the answers of a real model that were kept; simulated good ones,
                                              in which it finds no sense, are left out

All text checks run over each conversation, and the search for duplicates over each half. A code is right where the
record names it as expected, and wrong on a good conversation and on a broken one that has something else. Where
several codes would be right and one of them was found, the others were not missed. A defect that is not `certain`
needs a judge; `certain` figures leave it out. A judge or reader may find fault with anything broken: what they say
of it is wrong on good ones only.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from labelled_assessing import RECORDED, assess

from brightrun.catalog import Catalog
from brightrun.catalog_loading import load_catalog
from brightrun.quality.candidate import Candidate
from brightrun.quality.checks import check_conversation
from brightrun.quality.duplicates import DuplicateIndex
from brightrun.quality.fingerprints import Part
from brightrun.quality.judging.arc_agreement import ArcCode
from brightrun.quality.judging.judgement import JudgeCode
from brightrun.quality.verdicts import Verdict
from tests.labelled_set import Half, Origin, Record, candidate, read_half

ASSESSED = frozenset(map(str, (*JudgeCode, *ArcCode)))
COPIES = frozenset({"exact_duplicate", "near_duplicate"})
CUTS = frozenset({"cut_at_comma", "cut_mid_sentence", "cut_mid_word", "lone_backslash"})
INSTEAD = {
    Half.HELD_OUT: "the held-out half instead of the tuning half",
    Half.OPENED: "the half that was held out before",
    Half.PRACTICE: "what was written later, instead of a half",
    Half.VALIDATION: "what was written with that, totals only",
}
UNSEEN = (Half.HELD_OUT, Half.VALIDATION)
CATALOG = Path(__file__).resolve().parents[1] / "catalogs" / "financial_planning"


@dataclass(frozen=True)
class Checked:
    """A record, the codes found in it (warnings too), and whether it was rejected."""

    record: Record
    found: frozenset[str]
    rejected: bool
    mean: Decimal | None = None
    """The judge's, 0 to 10, where one was asked."""

    @property
    def seen(self) -> bool:
        """A right code was found."""
        return bool(self.found & set(self.record.expected))


@dataclass
class CodeFigures:
    """One code over one half."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    on_good: int = 0

    @property
    def precision(self) -> float | None:
        return ratio(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        return ratio(self.right, self.right + self.missed)


@dataclass
class DefectFigures:
    """One kind of defect over one half: how many there are, were seen (a right code), and were rejected."""

    records: int = 0
    seen: int = 0
    rejected: int = 0


@dataclass
class Figures:
    """What the checks made of one half."""

    half: Half
    good: int
    good_rejected: int
    good_with_findings: int
    broken: int
    broken_accepted: int
    broken_certain: int
    broken_certain_accepted: int
    broken_certain_seen: int
    broken_certain_unnoticed: int
    """Neither rejected nor warned of for the right reason. Some codes only warn unless a spec says otherwise."""
    cut_below_original: tuple[int, int] = (0, 0)
    codes: dict[str, CodeFigures] = field(default_factory=dict)
    defects: dict[str, DefectFigures] = field(default_factory=dict)


def ratio(part: int, whole: int) -> float | None:
    """None where there is nothing to measure."""
    return round(part / whole, 3) if whole else None


def checked(records: Iterable[Record], judge: str | None) -> list[Checked]:
    """Every record with what was found in it; `judge` is the model that judges and reads, if any does."""
    catalog = load_catalog(CATALOG)
    pairs = [(record, candidate(record, catalog)) for record in records]
    copies = copied(pairs)
    results = []
    for record, it in pairs:
        judgement = check_conversation(it.conversation, it.item, it.catalog)
        found = {str(finding.code) for finding in judgement.findings} | copies[record.key]
        rejected = judgement.verdict is Verdict.REJECTED or bool(copies[record.key])
        results.append(Checked(record, frozenset(found), rejected))
    return assessed(results, [it for _, it in pairs], catalog, judge) if judge else results


def copied(pairs: Sequence[tuple[Record, Candidate]]) -> dict[str, set[str]]:
    """Codes of duplicates: each good conversation beside those before it, each broken one beside all good ones.

    One that a script made is much like the one it was made from, whatever was spoiled in it: that is no finding.
    """
    index = DuplicateIndex()
    found: dict[str, set[str]] = {}
    for record, it in sorted(pairs, key=lambda pair: pair[0].defect is not None):
        twin = index.nearest(it.conversation)
        is_made_from_it = twin is not None and twin.conversation_id == record.of and record.defect not in COPIES
        code = "exact_duplicate" if twin and twin.part is Part.CONVERSATION else "near_duplicate"
        found[record.key] = {code} if twin and not is_made_from_it else set()
        if record.defect is None:
            index.add(record.key, it.conversation)
    return found


def assessed(
    results: Sequence[Checked], candidates: Sequence[Candidate], catalog: Catalog, model: str
) -> list[Checked]:
    """The same with what judge and reader find."""
    return [
        replace(
            result,
            found=result.found | assessment.fails | assessment.warns,
            rejected=result.rejected or bool(assessment.fails),
            mean=assessment.mean,
        )
        for result, assessment in zip(results, assess(candidates, catalog, model), strict=True)
    ]


def is_without_sense(record: Record) -> bool:
    """The simulator's sentences are whole and right, and do not answer one another: good for checks of words alone."""
    return record.origin is Origin.SIMULATED and record.defect is None


def below_original(results: Sequence[Checked]) -> tuple[int, int]:
    """How many cut conversations the judge puts below the one they were cut from, of how many (KF-41)."""
    means = {result.record.key: result.mean for result in results}
    cut = [result for result in results if result.record.defect in CUTS and result.mean is not None]
    ranked = [(result.mean, means.get(result.record.of or "")) for result in cut]
    compared = [(mean, original) for mean, original in ranked if mean is not None and original is not None]
    return sum(mean < original for mean, original in compared), len(compared)


def code_figures(results: Sequence[Checked]) -> dict[str, CodeFigures]:
    codes: dict[str, CodeFigures] = {}
    for result in results:
        expected = set(result.record.expected)
        for code in result.found:
            if code in result.record.also or (code in ASSESSED and result.record.defect and code not in expected):
                continue
            figures = codes.setdefault(code, CodeFigures())
            figures.right += code in expected
            figures.wrong += code not in expected
            figures.on_good += result.record.defect is None
        if result.record.certain and not result.seen:
            for code in expected:
                codes.setdefault(code, CodeFigures()).missed += 1
    return dict(sorted(codes.items()))


def figures_of(half: Half, results: Sequence[Checked]) -> Figures:
    good = [result for result in results if result.record.defect is None]
    broken = [result for result in results if result.record.defect is not None]
    certain = [result for result in broken if result.record.certain]
    defects: dict[str, DefectFigures] = {}
    for result in broken:
        figures = defects.setdefault(result.record.defect or "", DefectFigures())
        figures.records += 1
        figures.seen += result.seen
        figures.rejected += result.rejected
    return Figures(
        half=half,
        good=len(good),
        good_rejected=sum(result.rejected for result in good),
        good_with_findings=sum(bool(result.found) for result in good),
        broken=len(broken),
        broken_accepted=sum(not result.rejected for result in broken),
        broken_certain=len(certain),
        broken_certain_accepted=sum(not result.rejected for result in certain),
        broken_certain_seen=sum(result.seen for result in certain),
        broken_certain_unnoticed=sum(not result.rejected and not result.seen for result in certain),
        cut_below_original=below_original(results),
        codes=code_figures(results),
        defects=dict(sorted(defects.items())),
    )


def show_totals(figures: Figures) -> None:
    def of(part: int, whole: int) -> str:
        return f"{part} of {whole}"

    print(f"{figures.half}")
    print(f"  good rejected                 {of(figures.good_rejected, figures.good)}")
    print(f"  good with any finding         {of(figures.good_with_findings, figures.good)}")
    print(f"  broken accepted               {of(figures.broken_accepted, figures.broken)}")
    print(f"  certain ones accepted         {of(figures.broken_certain_accepted, figures.broken_certain)}")
    print(f"  certain ones seen             {of(figures.broken_certain_seen, figures.broken_certain)}")
    print(f"  certain ones unnoticed        {of(figures.broken_certain_unnoticed, figures.broken_certain)}")
    if figures.cut_below_original[1]:
        print(f"  cut ones judged below theirs  {of(*figures.cut_below_original)}")


def show(figures: Figures) -> None:
    show_totals(figures)
    print(f"\n  {'code':28} {'precision':>9} {'recall':>7} {'right':>6} {'wrong':>6} {'on good':>8} {'missed':>7}")
    for code, row in figures.codes.items():
        rates = ["-" if rate is None else f"{rate:.2f}" for rate in (row.precision, row.recall)]
        counts = f"{row.right:6} {row.wrong:6} {row.on_good:8} {row.missed:7}"
        print(f"  {code:28} {rates[0]:>9} {rates[1]:>7} {counts}")
    print(f"\n  {'defect':28} {'records':>7} {'seen':>5} {'rejected':>9}")
    for defect, counted in figures.defects.items():
        print(f"  {defect:28} {counted.records:7} {counted.seen:5} {counted.rejected:9}")


def show_markdown(figures: Figures) -> None:
    """The totals, and the codes that were expected or found, as tables for a page."""
    print(f"| | of | |\n|---|---|---|\n| good ones rejected | {figures.good} | {figures.good_rejected} |")
    print(f"| broken ones accepted | {figures.broken} | {figures.broken_accepted} |")
    print(f"| of those that need no judge, accepted | {figures.broken_certain} | {figures.broken_certain_accepted} |")
    if figures.cut_below_original[1]:
        below, compared = figures.cut_below_original
        print(f"| cut ones that the judge puts below their original | {compared} | {below} |")
    print()
    print("| code | precision | recall | found rightly | found wrongly | missed |\n|---|---|---|---|---|---|")
    for code, row in figures.codes.items():
        rates = ["–" if rate is None else f"{rate:.2f}" for rate in (row.precision, row.recall)]
        print(f"| `{code}` | {rates[0]} | {rates[1]} | {row.right} | {row.wrong} | {row.missed} |")


def show_misses(results: Sequence[Checked]) -> None:
    """By key, for whoever works on a check."""
    for result in results:
        record = result.record
        wrong = sorted(result.found - set(record.expected) - set(record.also))
        if record.defect and record.certain and not result.seen:
            print(f"  missed  {record.key}: {' or '.join(record.expected)}; found {wrong or 'nothing'}")
        elif wrong:
            print(f"  wrong   {record.key}: {', '.join(wrong)}")


def as_json(figures: Figures) -> dict[str, object]:
    codes = {
        code: asdict(row) | {"precision": row.precision, "recall": row.recall} for code, row in figures.codes.items()
    }
    return asdict(figures) | {"codes": codes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    for half, told in INSTEAD.items():
        option = f"--{half.replace('_', '-')}"
        which.add_argument(option, dest="half", action="store_const", const=half, default=Half.TUNING, help=told)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--markdown", action="store_true", help="the figures as Markdown tables")
    parser.add_argument("--misses", action="store_true", help="name what was missed or wrongly found")
    parser.add_argument("--judge", metavar="MODEL", help="ask this model to judge and to read as well")
    arguments = parser.parse_args()
    half = Half(arguments.half)
    if half in UNSEEN and arguments.misses:
        parser.error(f"{half} is for measuring: its misses are not shown")
    records = [record for record in read_half(half) if not record.doubted]
    if arguments.judge == RECORDED:
        records = [record for record in records if not is_without_sense(record)]
    results = checked(records, arguments.judge)
    figures = figures_of(half, results)
    if half is Half.VALIDATION:
        show_totals(figures)
    else:
        (show_markdown if arguments.markdown else show)(figures)
    if arguments.misses:
        print()
        show_misses(results)
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(figures), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
