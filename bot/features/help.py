"""What the bot can do, made from the declarations themselves."""

from bot.features import cards
from bot.ports import Context, Reply
from bot.routing import Route, Router
from bot.ui import Button, Buttons, Call, Card, Element, Md, Text

router = Router()


@router.command("See what you can do", reads=True, solo=True)
def help(ctx: Context) -> Reply:
    own = Text(
        "Points come from the daily question and, a little, from practice. Answers stay private until it closes."
    )
    body: list[Element] = [
        own,
        Buttons(
            Button("Today's question", Call("daily"), "primary"),
            Button("Practise", Call("ask")),
            Button("Leaderboard", Call("leaderboard")),
            Button("Profile", Call("profile")),
            Button("Settings", Call("settings")),
        ),
        _lines(ctx.routes.commands()),
    ]
    if ctx.player.may_manage:
        body += [Text(Md("**For admins**")), _lines(ctx.routes.commands(admin=True))]
    pack = ctx.bank.default
    body.append(Text(f"{cards.counted(len(pack.active()), 'question')} on {pack.title}", small=True))
    return Reply(private=Card("What you can do", tuple(body)))


def _lines(routes: list[Route]) -> Text:
    return Text(Md("\n".join(f"`{route.usage}` {route.description}" for route in routes)))
