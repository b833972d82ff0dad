"""Starts the web app: Streamlit with our routes beside it, in one process."""

from importlib import import_module
from pathlib import Path
from threading import Thread

from starlette.middleware import Middleware
from streamlit.web.server.starlette import App  # what st.App is, without the import of the whole package

from ..privacy.vault import load_key
from ..settings import Settings, get_settings
from ..store.database import open_store
from ..voice.duties import Duties
from .access import load_secret
from .gate import Gate
from .routes import make_routes
from .sign_in import make_sign_in_routes
from .sound import SoundCache
from .theme import streamlit_options

SCRIPT = Path(__file__).with_name("app.py")


def build_app(settings: Settings) -> App:
    """The ASGI app over the store that ``settings`` name."""
    home = settings.home.absolute()
    key = load_key(settings.sound_key) if settings.sound_key else None
    cache = SoundCache(home / "cache" / "sound", key=key)
    store = open_store(settings.resolved_database_url)
    Duties(store).start()
    routes = [*make_sign_in_routes(store), *make_routes(store, load_secret(home), cache)]
    return App(SCRIPT, routes=routes, middleware=[Middleware(Gate, store=store)])


def main(host: str = "127.0.0.1", port: int = 8501) -> None:
    """Serve until stopped. Without accounts it listens on this machine only, unless told otherwise."""
    app = build_app(get_settings())
    # The first page would wait seconds for its imports; they are made while nobody asks yet.
    Thread(target=import_module, args=("callqa.dashboard.shell",), daemon=True).start()
    app.run(config=streamlit_options(host, port))
