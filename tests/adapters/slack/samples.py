"""What the tests of the small Slack send to and fro."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.adapters.slack.loopback import Loopback

HELLO: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]
CHART: list[dict[str, Any]] = [{"type": "data_visualization", "title": "Points"}]
ASK: list[dict[str, Any]] = [
    {
        "type": "actions",
        "block_id": "ask",
        "elements": [
            {"type": "button", "action_id": "yes", "text": {"type": "plain_text", "text": "Yes"}, "value": "1"},
            {
                "type": "static_select",
                "action_id": "pick",
                "placeholder": {"type": "plain_text", "text": "Pick"},
                "options": [{"text": {"type": "plain_text", "text": "A"}, "value": "a"}],
            },
        ],
    }
]
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "name", "initial_value": "Ann"},
        },
        {
            "type": "input",
            "block_id": "topics",
            "optional": True,
            "label": {"type": "plain_text", "text": "Topics"},
            "element": {
                "type": "checkboxes",
                "action_id": "topics",
                "options": [{"text": {"type": "plain_text", "text": one}, "value": one} for one in "ab"],
            },
        },
    ],
}


def connect(wire: Loopback, token: str = "xoxb-T1") -> AsyncWebClient:
    return AsyncWebClient(token, base_url=wire.api, retry_handlers=[])


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response.get("error"))
