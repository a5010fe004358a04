"""What people can do. Every file here with a `router` is a feature; the folder is the registry."""

import importlib
import pkgutil

from bot.routing import Router


def build_router() -> Router:
    """All routes of all features."""
    router = Router()
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "router"):
            router.include(module.router)
    return router
