"""The small Slack of these tests answers calls as the real one does: Slack's own client says so."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.adapters.slack.loopback import CLIENT, RESET, RESET_AFTER, SECRET, Fault, Loopback, running
from tests.adapters.slack.samples import ASK, CHART, HELLO, MODAL, connect, refusal
from tests.adapters.slack.workspaces import HISTORY


@pytest.fixture
async def wire() -> AsyncIterator[Loopback]:
    async with running() as made:
        made.workspace("T1", "Acme")
        made.workspace("T2", "Other")
        yield made


@pytest.fixture
def client(wire: Loopback) -> AsyncWebClient:
    """May more than the bot asks for."""
    wire.tokens["xoxb-T1"].scopes.update((*HISTORY, "channels:read", "files:read"))
    return connect(wire)


# ---- tokens


async def test_a_token_says_which_workspace_and_bot_it_is_of(wire: Loopback) -> None:
    known = await connect(wire, "xoxb-T2").auth_test()
    assert (known["team_id"], known["team"], known["bot_id"], known["user_id"]) == ("T2", "Other", "BT2", "UT2")
    assert "chat:write" in known.headers["x-oauth-scopes"]


async def test_bad_tokens_are_refused_each_for_its_reason(wire: Loopback, client: AsyncWebClient) -> None:
    assert await refusal(connect(wire, "xoxb-none").auth_test()) == "invalid_auth"
    wire.revoke("xoxb-T1")
    assert await refusal(client.auth_test()) == "token_revoked"
    wire.revoke("xoxb-T1", "account_inactive")
    assert await refusal(client.auth_test()) == "account_inactive"


async def test_a_scope_that_was_not_granted_is_named(wire: Loopback, client: AsyncWebClient) -> None:
    wire.tokens["xoxb-T1"].scopes.discard("users:read")
    with pytest.raises(SlackApiError) as caught:
        await client.users_info(user="U1A")
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "users:read"


async def test_a_code_gives_a_token_once(wire: Loopback) -> None:
    nobody, code = AsyncWebClient(base_url=wire.api), wire.code("T1")
    assert await refusal(nobody.oauth_v2_access(client_id=CLIENT, client_secret="x", code=code)) == "bad_client_secret"
    granted = await nobody.oauth_v2_access(client_id=CLIENT, client_secret=SECRET, code=code)
    assert granted["team"] == {"id": "T1", "name": "Acme"}
    assert (await connect(wire, granted["access_token"]).auth_test())["team_id"] == "T1"
    assert await refusal(nobody.oauth_v2_access(client_id=CLIENT, client_secret=SECRET, code=code)) == "invalid_code"


async def test_a_rotated_token_ends_and_its_refresh_token_works_once(wire: Loopback) -> None:
    wire.rotating = True
    nobody, who = AsyncWebClient(base_url=wire.api), {"client_id": CLIENT, "client_secret": SECRET}
    first = await nobody.api_call("oauth.v2.access", data={**who, "code": wire.code("T1")})
    wire.advance(first["expires_in"])
    assert await refusal(connect(wire, first["access_token"]).auth_test()) == "token_expired"
    again = {**who, "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await nobody.api_call("oauth.v2.access", data=again)
    assert (await connect(wire, second["access_token"]).auth_test())["ok"]
    assert await refusal(nobody.api_call("oauth.v2.access", data=again)) == "invalid_refresh_token"


async def test_one_token_serves_all_workspaces_of_an_organisation(wire: Loopback) -> None:
    wire.workspace("T8", "North", "E1", orgwide=True)
    wire.workspace("T9", "South", "E1", orgwide=True)
    client = connect(wire, "xoxb-E1")
    assert (await client.auth_test())["is_enterprise_install"]
    await client.chat_postMessage(channel="C8", text="north")
    await client.chat_postMessage(channel="C9", text="south")
    assert [one["text"] for one in wire.messages("C9")] == ["south"]
    assert await refusal(client.usergroups_list()) == "missing_argument"
    assert (await client.usergroups_list(team_id="T9"))["usergroups"] == []


# ---- messages


async def test_a_message_is_kept_with_its_metadata_and_growing_timestamps(
    wire: Loopback, client: AsyncWebClient
) -> None:
    metadata = {"event_type": "post", "event_payload": {"key": "1"}}
    first = await client.chat_postMessage(channel="C1", text="one", blocks=HELLO, metadata=metadata)
    second = await client.chat_postMessage(channel="C1", text="two")
    assert first["ts"] < second["ts"]
    plain = await client.conversations_history(channel="C1")
    told = await client.conversations_history(channel="C1", include_all_metadata=True)
    assert [one["text"] for one in plain["messages"]] == ["two", "one"]
    assert "metadata" not in plain["messages"][1]
    assert told["messages"][1]["metadata"] == metadata
    assert wire.seen[0][0] == "chat.postMessage"
    assert wire.seen[0][1]["blocks"] == HELLO


async def test_history_comes_in_pages(client: AsyncWebClient) -> None:
    for number in range(5):
        await client.chat_postMessage(channel="C1", text=str(number))
    found = await client.conversations_history(channel="C1", limit=2)
    pages = [[(one["text"], one["ts"]) for one in page["messages"]] async for page in found]
    assert [[text for text, _ in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"]]
    newer = await client.conversations_history(channel="C1", oldest=pages[1][0][1])
    assert [one["text"] for one in newer["messages"]] == ["4", "3"]


async def test_a_message_is_updated_only_where_it_is_ours(wire: Loopback, client: AsyncWebClient) -> None:
    sent = await client.chat_postMessage(channel="C1", text="one", blocks=ASK)
    await client.chat_update(channel="C1", ts=sent["ts"], text="two")
    assert [(one["text"], one["blocks"]) for one in wire.messages("C1")] == [("two", [])]
    assert await refusal(client.chat_update(channel="C1", ts="1.1", text="x")) == "message_not_found"
    wire.messages("C1").append({"type": "message", "ts": wire.ts(), "user": "U1A", "text": "mine"})
    theirs = wire.messages("C1")[-1]["ts"]
    assert await refusal(client.chat_update(channel="C1", ts=theirs, text="x")) == "cant_update_message"


async def test_channels_that_cannot_be_posted_to(wire: Loopback, client: AsyncWebClient) -> None:
    acme = wire.workspaces["T1"]
    acme.channel("C11", "public", bot=False)
    acme.channel("C12", "secret", bot=False, private=True)
    acme.channel("C13", "old").archived = True
    assert (await client.chat_postMessage(channel="C11", text="x"))["ok"]
    wire.tokens["xoxb-T1"].scopes.discard("chat:write.public")
    assert await refusal(client.chat_postMessage(channel="C11", text="x")) == "not_in_channel"
    assert await refusal(client.chat_postMessage(channel="C12", text="x")) == "channel_not_found"
    assert await refusal(client.chat_postMessage(channel="C2", text="x")) == "channel_not_found"
    assert await refusal(client.chat_postMessage(channel="C13", text="x")) == "is_archived"
    assert await refusal(client.api_call("chat.postMessage", json={"channel": "C1"})) == "no_text"
    assert not (await client.conversations_info(channel="C11"))["channel"]["is_member"]


async def test_blocks_are_refused_by_what_the_test_says_and_charts_where_there_are_none(
    wire: Loopback, client: AsyncWebClient
) -> None:
    assert (await client.chat_postMessage(channel="C1", text="x", blocks=CHART))["ok"]
    wire.workspaces["T1"].native_charts = False
    assert await refusal(client.chat_postMessage(channel="C1", text="x", blocks=CHART)) == "invalid_blocks"
    wire.validate = lambda blocks: ["too many"] if len(blocks) > 1 else []
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C1", text="x", blocks=HELLO * 2)
    assert caught.value.response["response_metadata"]["messages"] == ["[ERROR] too many"]


async def test_an_ephemeral_message_is_seen_by_one_person(wire: Loopback, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel="C1", user="U1B", text="psst")
    assert [one["text"] for one in wire.ephemeral("U1B")] == ["psst"]
    assert wire.messages("C1") == wire.ephemeral("U1A") == []
    assert await refusal(client.chat_postEphemeral(channel="C1", user="U2B", text="x")) == "user_not_in_channel"


async def test_a_direct_message(wire: Loopback, client: AsyncWebClient) -> None:
    direct = (await client.conversations_open(users="U1B"))["channel"]["id"]
    await client.chat_postMessage(channel=direct, text="one")
    assert (await client.chat_postMessage(channel="U1B", text="two"))["channel"] == direct
    assert [one["text"] for one in wire.messages(direct)] == ["one", "two"]
    assert await refusal(client.conversations_open(users="U9")) == "user_not_found"


async def test_people_and_groups(wire: Loopback, client: AsyncWebClient) -> None:
    wire.workspaces["T1"].user("U1C", "cyd", tz="Asia/Tokyo", locale="ja-JP", image="https://x/c.png")
    wire.workspaces["T1"].group("S1", "tutors", "U1C")
    user = (await client.users_info(user="U1C", include_locale=True))["user"]
    assert (user["tz"], user["locale"], user["profile"]["image_72"]) == ("Asia/Tokyo", "ja-JP", "https://x/c.png")
    assert "locale" not in (await client.users_info(user="U1C"))["user"]
    assert (await client.users_info(user="U1A"))["user"]["is_admin"]
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [(one["handle"], one["users"]) for one in groups] == [("tutors", ["U1C"])]


async def test_an_uploaded_file_may_take_a_while(wire: Loopback, client: AsyncWebClient) -> None:
    wire.slow_files = 1
    done = await client.files_upload_v2(content=b"png", filename="chart.png", title="Points")
    id = done["files"][0]["id"]
    image = [{"type": "image", "slack_file": {"id": id}, "alt_text": "Points"}]
    assert await refusal(client.chat_postMessage(channel="C1", text="x", blocks=image)) == "invalid_blocks"
    assert (await client.chat_postMessage(channel="C1", text="x", blocks=image))["ok"]
    assert wire.files[id].data == b"png"
    assert (await client.files_info(file=id))["file"]["mimetype"] == "image/png"


# ---- faults


async def test_faults_come_once_and_in_order(wire: Loopback, client: AsyncWebClient) -> None:
    wire.faults = [("chat.*", Fault(503)), ("chat.postMessage", Fault.limit(7)), ("chat.*", Fault.error("fatal_error"))]
    for status, error in ((503, "None"), (429, "ratelimited"), (200, "fatal_error")):
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="C1", text="x")
        assert caught.value.response.status_code == status
        assert str(caught.value.response.get("error")) == error
        assert caught.value.response.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert (await client.chat_postMessage(channel="C1", text="x"))["ok"]


async def test_a_connection_breaks_before_or_after_a_message_counted(wire: Loopback, client: AsyncWebClient) -> None:
    for fault, sent in ((RESET, 0), (RESET_AFTER, 1)):
        wire.faults.append(("chat.postMessage", fault))
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.chat_postMessage(channel="C1", text="x")
        assert len(wire.messages("C1")) == sent


async def test_an_answer_may_be_held(wire: Loopback, client: AsyncWebClient) -> None:
    event = asyncio.Event()
    wire.faults = [("chat.postMessage", Fault.hold(event))]
    sending = asyncio.create_task(client.chat_postMessage(channel="C1", text="x"))
    await wire.until(lambda: wire.called("chat.postMessage"))
    assert not sending.done()
    assert wire.messages("C1") == []
    event.set()
    assert (await sending)["ok"]


# ---- views


async def test_a_trigger_opens_one_view_within_three_seconds(wire: Loopback, client: AsyncWebClient) -> None:
    used, late = wire.trigger("U1B"), wire.trigger("U1B")
    view = (await client.views_open(trigger_id=used, view=MODAL))["view"]
    assert wire.views["U1B"] == [view]
    assert await refusal(client.views_open(trigger_id=used, view=MODAL)) == "exchanged_trigger_id"
    wire.advance(3.1)
    assert await refusal(client.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"


async def test_views_are_pushed_updated_and_published(wire: Loopback, client: AsyncWebClient) -> None:
    assert await refusal(client.views_push(trigger_id=wire.trigger("U1B"), view=MODAL)) == "not_found"
    first = (await client.views_open(trigger_id=wire.trigger("U1B"), view=MODAL))["view"]
    second = (await client.views_push(trigger_id=wire.trigger("U1B"), view=MODAL))["view"]
    assert (second["root_view_id"], second["previous_view_id"]) == (first["id"], first["id"])
    await client.views_push(trigger_id=wire.trigger("U1B"), view=MODAL)
    assert await refusal(client.views_push(trigger_id=wire.trigger("U1B"), view=MODAL)) == "push_limit_reached"
    await client.views_update(view_id=first["id"], view=MODAL | {"private_metadata": "new"})
    assert wire.views["U1B"][0]["private_metadata"] == "new"
    await client.views_publish(user_id="U1A", view={"type": "home", "blocks": HELLO})
    home = wire.home("U1A")
    assert home
    assert home["blocks"][0]["text"] == HELLO[0]["text"]
    wire.validate_view = lambda view: ["bad"]
    assert await refusal(client.views_publish(user_id="U1A", view={"type": "home", "blocks": []})) == (
        "invalid_arguments"
    )
