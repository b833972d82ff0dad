"""Signing in: a plain page of our own, before Streamlit is reached at all; and what the frame shows of it."""

import html
from collections.abc import Mapping
from urllib.parse import quote

import streamlit as st

from ..privacy.roles import Person
from .texts import Texts
from .theme import DARK, FONT, LIGHT

SIGN_IN = "/callqa/sign-in"
SIGN_OUT = "/callqa/sign-out"
FIRST_ACCOUNT = "callqa users add admin --role admin"


def sign_in_page(texts: Texts, *, next_page: str = "/", notice: str = "", oidc: Mapping[str, str]) -> str:
    """The whole HTML page with its form; ``oidc`` maps what a button says to where it leads."""
    said = f'<p class="notice" role="alert">{html.escape(notice)}</p>' if notice else ""
    buttons = "".join(
        f'<a class="button" href="{html.escape(link)}">{html.escape(label)}</a>'
        for label, link in oidc.items()
    )
    between = f'<p class="or">{html.escape(texts("login.or"))}</p>{buttons}' if buttons else ""
    form = f"""
<form method="post" action="{SIGN_IN}?lang={texts.language}">
<input type="hidden" name="next" value="{html.escape(next_page)}">
<label>{html.escape(texts("login.name"))}
<input name="name" autocomplete="username" required autofocus maxlength="60"></label>
<label>{html.escape(texts("login.password"))}
<input name="password" type="password" autocomplete="current-password" required maxlength="256"></label>
<button>{html.escape(texts("login.button"))}</button>
</form>"""
    return _page(texts, texts("login.title"), said + form + between + _languages(texts, SIGN_IN, next_page))


def local_only_page(texts: Texts) -> str:
    """What other machines see while there is no account: how to make the first."""
    body = f"<p>{html.escape(texts('login.local_only_help'))}</p><pre>{FIRST_ACCOUNT}</pre>"
    return _page(texts, texts("login.local_only"), body)


def signed_out_page(texts: Texts) -> None:
    """Within a page that was open when the sign-in ended."""
    st.subheader(texts("login.title"))
    st.info(texts("login.expired"))
    st.link_button(texts("login.again"), SIGN_IN, type="primary")


def account_box(texts: Texts, person: Person) -> None:
    """Who is signed in, and the way out."""
    # Plain text: a name may hold anything.
    st.text(f"{person.name} · {texts(f'role.name.{person.role}')}")
    st.html(f'<a href="{SIGN_OUT}" target="_self">{html.escape(texts("login.out"))}</a>')


def _languages(texts: Texts, path: str, next_page: str) -> str:
    other, label = ("en", "English") if texts.language == "zh" else ("zh", "中文")
    link = f"{path}?lang={other}&next={quote(next_page, safe='')}"
    return f'<p class="lang"><a href="{html.escape(link)}">{label}</a></p>'


def _page(texts: Texts, title: str, body: str) -> str:
    return f"""<!doctype html><html lang="{texts.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{html.escape(title)} · callqa</title>
<style>{_CSS}</style></head><body><main><p class="brand">{html.escape(texts("app.name"))}</p>
<h1>{html.escape(title)}</h1>{body}</main></body></html>"""


def _colours(c: Mapping[str, str]) -> str:
    names = {"bg": "backgroundColor", "field": "secondaryBackgroundColor", "text": "textColor"}
    names |= {"line": "borderColor", "main": "primaryColor", "link": "linkColor"}
    return "".join(f"--{short}:{c[name]};" for short, name in names.items())


_CSS = f"""
:root {{ color-scheme: light dark; {_colours(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_colours(DARK)} }} }}
body {{ margin: 0; background: var(--bg); color: var(--text); font: 16px/1.6 {FONT}; }}
main {{ box-sizing: border-box; width: min(25rem, 92vw); margin: 13vh auto 0; padding: 2rem 2.2rem 1.4rem;
  background: light-dark(#ffffff, #1a2129); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: 0 8px 30px rgb(0 0 0 / .07); }}
.brand {{ margin: 0; color: var(--link); font-weight: 600; letter-spacing: .04em; }}
h1 {{ font-size: 1.5rem; font-weight: 600; margin: .2rem 0 1.4rem; }}
label {{ display: block; margin-bottom: 1rem; font-size: .9rem; }}
input {{ display: block; width: 100%; box-sizing: border-box; margin-top: .25rem; padding: .6rem .7rem;
  font: inherit; color: inherit; background: var(--field); border: 1px solid var(--line);
  border-radius: 8px; }}
button, .button {{ display: block; width: 100%; box-sizing: border-box; margin-top: 1.4rem; padding: .65rem;
  font: inherit; text-align: center; text-decoration: none; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--main); background: var(--main); color: #fff; }}
.button {{ margin-top: 0; background: none; color: var(--link); }}
.notice {{ padding: .6rem .8rem; border-radius: 8px; border: 1px solid var(--line);
  background: var(--field); }}
.or {{ text-align: center; margin: .8rem 0; opacity: .75; }}
.lang {{ margin-top: 2rem; text-align: center; }} a {{ color: var(--link); }}
:focus-visible {{ outline: 2px solid var(--link); outline-offset: 2px; }}
pre {{ padding: .8rem; background: var(--field); border: 1px solid var(--line); border-radius: 8px;
  overflow-x: auto; }}
"""
