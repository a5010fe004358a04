"""What may be missing for the bot to work in Slack.

Channels are not looked at: that takes a scope the bot does without, or a message that people would see.
"""

from collections.abc import AsyncIterator, Awaitable

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.finding import Finding
from bot.adapters.slack.adapter import API, REFUSED, AppTokenRefused, Keys
from bot.adapters.slack.grants import REVOKED, connecting, refusal_of
from bot.adapters.slack.manifest import SCOPES
from bot.adapters.slack.refusals import told

PATIENCE = 10.0
"""Seconds Slack may take for an answer."""
UNREACHABLE = "unreachable"
CLIENT = {"bad_client_secret": "SLACK_CLIENT_SECRET", "invalid_client_id": "SLACK_CLIENT_ID"}
"""What is wrong, by Slack's word: https://docs.slack.dev/reference/methods/oauth.v2.access"""
OFF = "Socket Mode is not turned on"
"""Part of a warning that comes with a connection: https://docs.slack.dev/reference/methods/apps.connections.open"""


class _Refused(Exception):
    """Slack's word for why it does not answer, or `UNREACHABLE`."""


async def findings(keys: Keys, api: str = API) -> AsyncIterator[Finding]:
    """How things are with the bot token and its scopes, or with what workspaces install the app with, and with the way
    requests arrive. `api` is the address of the Web API."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
        client = connecting(session, api)(keys.bot_token)
        if keys.client_id or keys.client_secret:
            yield await _installing(client, keys)
        else:
            async for finding in _bot(client):
                yield finding
        yield await _sockets(client, keys.app_token) if keys.app_token else _http(keys.signing_secret)


async def _bot(client: AsyncWebClient) -> AsyncIterator[Finding]:
    try:
        me = await _asked(client.auth_test())
    except _Refused as refusal:
        yield Finding(False, _bot_trouble(str(refusal)))
        return
    if not me.get("bot_id"):
        yield Finding(
            False,
            f"SLACK_BOT_TOKEN is the token of a person, {me['user']}. Copy “Bot User OAuth Token” under “OAuth & "
            "Permissions” instead.",
        )
        return
    yield Finding(True, f"Slack accepts the token; the bot is called {me['user']} in {me['team']}.")
    if client.token and client.token.startswith("xoxe."):
        yield Finding(
            False,
            "SLACK_BOT_TOKEN lasts 12 hours, because the app has token rotation. Set SLACK_CLIENT_ID and "
            "SLACK_CLIENT_SECRET instead, and install the app from /slack/install.",
        )
    yield _scopes(me.headers.get("x-oauth-scopes", ""))


def _scopes(granted: str) -> Finding:
    missing = set(SCOPES).difference(scope.strip() for scope in granted.split(","))
    if missing:
        return Finding(
            False,
            f"The bot lacks {', '.join(sorted(missing))}. Add what is missing under “OAuth & Permissions”, “Bot Token "
            "Scopes”, then “Reinstall to Workspace”.",
        )
    return Finding(True, "The bot has its scopes: it may post in public channels, and where it is invited to.")


async def _sockets(client: AsyncWebClient, token: str) -> Finding:
    try:
        opened = await _asked(client.apps_connections_open(app_token=token))
    except _Refused as refusal:
        return Finding(False, _socket_trouble(str(refusal)))
    warnings = (opened.get("response_metadata") or {}).get("messages", ())
    if any(OFF in warning for warning in warnings):
        return Finding(True, f"Slack connects, but warns: {OFF}. Turn it on under “Socket Mode” if nothing arrives.")
    return Finding(True, "Requests arrive over Socket Mode.")


def _http(signing_secret: str) -> Finding:
    if signing_secret:
        return Finding(True, "Requests arrive over HTTP at /slack/events, and their signatures are checked.")
    return Finding(
        False,
        "Nothing can arrive from Slack. Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET where Slack "
        "reaches this machine over https.",
    )


async def _installing(client: AsyncWebClient, keys: Keys) -> Finding:
    """Whether Slack knows the app by its id and secret: it looks at a code only then, and this is none."""
    given = {"SLACK_CLIENT_ID": keys.client_id, "SLACK_CLIENT_SECRET": keys.client_secret}
    for name, value in given.items():
        if not value:
            return Finding(False, f"{name} is not set. Copy it from “Basic Information”, “App Credentials”.")
    try:
        await _asked(client.oauth_v2_access(client_id=keys.client_id, client_secret=keys.client_secret, code="none"))
    except _Refused as refusal:
        if str(refusal) != "invalid_code":
            return Finding(False, _client_trouble(str(refusal)))
    return Finding(
        True,
        "Slack knows the app. Workspaces install it at /slack/install, if “OAuth & Permissions” has the redirect URL "
        "https://…/slack/oauth_redirect; each has a token of its own.",
    )


# ---- what Slack refuses


async def _asked(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Slack's answer. Raises `_Refused`."""
    try:
        return await call
    except SlackApiError as refusal:
        raise _Refused(told(refusal).get("error", "no reason given")) from None
    except (aiohttp.ClientError, OSError, AttributeError):
        # An AttributeError is how slack_sdk takes an answer that is no JSON object, which somebody else has given.
        raise _Refused(UNREACHABLE) from None


def _bot_trouble(error: str) -> str:
    return refusal_of(error) if error in (*REVOKED, *REFUSED) else _trouble(error)


def _client_trouble(error: str) -> str:
    if error in CLIENT:
        return f"Slack does not accept {CLIENT[error]}. Copy it anew from “Basic Information”, “App Credentials”."
    return _trouble(error)


def _socket_trouble(error: str) -> str:
    if error == "socket_mode_not_enabled":
        return "Socket Mode is off. Turn it on under “Socket Mode”, “Enable Socket Mode”."
    return str(AppTokenRefused()) if error in (*REFUSED, "missing_scope") else _trouble(error)


def _trouble(error: str) -> str:
    if error == UNREACHABLE:
        return "Slack cannot be reached from here. Check the connection of this machine, then try again."
    return f"Slack does not answer as it should ({error}). Try again in a minute."
