"""What a term means, without a word about the question at hand."""

import difflib
from typing import Annotated

from bot.engine.errors import QuizError
from bot.engine.question import Pack, Term
from bot.features import cards
from bot.ports import Context, Reply
from bot.routing import About, Router, Suggest
from bot.ui import Call, Card, Form, ShortText, Text, clip

router = Router()


@router.command("Look a term up", reads=True, solo=True)
def explain(ctx: Context, term: Annotated[str, Suggest("term"), About("A service, an algorithm, a metric …")]) -> Reply:
    return Reply(private=_term_card(ctx.bank.default, term))


@router.action(reads=True, form=True)
def ask(ctx: Context, pack: str) -> Reply:
    """Ask which term to explain."""
    wanted = ShortText("term", "Which term?", hint="Such as SMOTE or SPICE", max_length=60)
    return Reply(form=Form("Explain a term", (wanted,), Call.of("glossary.look", pack), "Explain"))


@router.action(reads=True)
def look(ctx: Context, pack: str) -> Reply:
    """Explain the term a form asked for."""
    chosen = ctx.bank.packs.get(pack, ctx.bank.default)
    return Reply(private=_term_card(chosen, "".join(ctx.values.get("term", ()))))


@router.suggests("term")
def suggest_terms(ctx: Context, typed: str) -> list[str]:
    wanted = typed.casefold()
    return [term.name for term in ctx.bank.default.terms if term.about and wanted in term.name.casefold()][:25]


def _term_card(pack: Pack, typed: str) -> Card:
    term = _find(pack, typed)
    also = [alias for alias in term.aliases if alias.casefold() != term.name.casefold()]
    lines = [Text(term.about or "It is in the glossary by name only; nobody has written what it is yet.")]
    if also:
        lines.append(Text(f"Also called: {cards.listed(also)}", small=True))
    return Card(clip(term.name, 150), tuple(lines))


def _find(pack: Pack, typed: str) -> Term:
    names: dict[str, Term] = {}
    for term in pack.terms:
        for name in (term.name, *term.aliases, *term.misspellings):
            names.setdefault(name.casefold(), term)
    wanted = " ".join(typed.casefold().split())
    if wanted in names:
        return names[wanted]
    near = list(dict.fromkeys(names[name].name for name in difflib.get_close_matches(wanted, names, n=3, cutoff=0.6)))
    hint = f"Did you mean {' or '.join(near)}?" if near else "Try the name of a service, an algorithm or a metric."
    raise QuizError(f"“{clip(typed, 40)}” is not in the glossary. {hint}")
