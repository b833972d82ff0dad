"""The company's identity provider: Streamlit's own sign-in (``st.login``) does the dance.

Its cookie tells who came. It is configured as Streamlit is: an ``[auth]`` table in
``.streamlit/secrets.toml``. The cookie is signed by Streamlit; we take it once, soon after it was made, and
go on with a session of our own.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from streamlit.auth_util import encode_provider_token, get_cookie_with_chunks, get_secrets_auth_section
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME

FRESH_SECONDS = 300
"""An identity is used at once; one that was kept is not."""
_used: dict[str, float] = {}


def providers() -> dict[str, str]:
    """What to add to a button's text, and where it leads, for each configured provider; empty without."""
    section = get_secrets_auth_section()
    if not section:
        return {}
    settings = section.to_dict()
    names = ["default"] if "client_id" in settings else []
    names += [name for name, value in settings.items() if isinstance(value, dict) and "client_id" in value]
    several = len(names) > 1
    return {f" ({n})" if several else "": f"/auth/login?provider={encode_provider_token(n)}" for n in names}


def fresh_claims(cookies: Mapping[str, str]) -> Mapping[str, Any] | None:
    """What the provider says of who just came back from it; None when nobody did. Each answer counts once."""
    raw = get_cookie_with_chunks(lambda name: _signed(cookies, name), USER_COOKIE_NAME)
    if raw is None:
        return None
    now, key = time.monotonic(), hashlib.sha256(cookies.get(USER_COOKIE_NAME, "").encode()).hexdigest()
    for old in [k for k, moment in _used.items() if now - moment > 2 * FRESH_SECONDS]:
        del _used[old]
    if key in _used:
        return None
    _used[key] = now
    claims = json.loads(raw)
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") else None


def forget(cookies: Mapping[str, str], response: Response) -> None:
    """Have the browser drop the provider's cookies."""
    for name in cookies:
        if name.startswith((USER_COOKIE_NAME, TOKENS_COOKIE_NAME)):
            response.delete_cookie(name, path="/")


def _signed(cookies: Mapping[str, str], name: str) -> bytes | None:
    value = cookies.get(name)
    if value is None or not get_secrets_auth_section():
        return None
    days = FRESH_SECONDS / 86400
    found: bytes | None = decode_signed_value(get_cookie_secret(), name, value.encode("latin-1"), days)
    return found
