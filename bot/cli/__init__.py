"""Commands that are not about running the bot, one file each."""
