"""Slack: the bot in workspaces, over its Web API, Socket Mode and HTTP."""

NAME = "slack"
"""What the platform is called in the store."""
