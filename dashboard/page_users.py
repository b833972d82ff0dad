"""Page: who may sign in, as what, for which calls."""

from collections.abc import Callable

import streamlit as st

from ..errors import UsageError
from ..privacy.accounts import (
    AccountRow,
    add_account,
    list_accounts,
    set_access,
    set_disabled,
    set_password,
)
from ..privacy.roles import Permission, Role
from . import session
from .texts import Texts
from .users_view import account_rows


def users_page() -> None:
    session.enter("users")
    texts = session.texts()
    rows = list_accounts(session.whole_store())
    if not rows:
        st.info(texts("users.none"))
    else:
        st.dataframe(account_rows(rows, texts), hide_index=True)
    if said := st.session_state.pop("users_said", None):
        (st.success if said[0] else st.error)(said[1])
    left, *right = st.columns(2 if rows else 1, border=True)
    with left:
        _add(texts, first=not rows)
    for place in right:
        with place:
            _change(texts, rows)


def _add(texts: Texts, *, first: bool) -> None:
    st.markdown(f"**{texts('users.add')}**")
    with st.form("users_add", clear_on_submit=True, border=False):
        st.text_input(texts("users.name"), max_chars=60, key="users_name")
        _access(texts, "add", Role.ADMIN if first else Role.REVIEWER)
        st.text_input(texts("users.password"), type="password", key="users_password")
        st.text_input(texts("users.oidc"), key="users_oidc")
        st.form_submit_button(texts("users.make"), type="primary", on_click=_guarded, args=(_added,))


def _added() -> None:
    state = st.session_state
    add_account(
        session.whole_store(),
        state.users_name,
        Role(state.users_role_add),
        by=session.person().name,
        password=state.users_password or None,
        oidc=state.users_oidc or None,
        businesses=state.users_businesses_add,
        teams=state.users_teams_add,
        agent=state.users_agent_add or None,
    )


def _change(texts: Texts, rows: list[AccountRow]) -> None:
    st.markdown(f"**{texts('users.change')}**")
    names = [row.name for row in rows]
    st.selectbox(texts("users.choose"), names, key="users_chosen")
    row = next((one for one in rows if one.name == st.session_state.users_chosen), rows[0])
    with st.form(f"users_change_{row.id}", border=False):
        _access(texts, f"change_{row.id}", row.role, row)
        st.form_submit_button(texts("users.save"), on_click=_guarded, args=(lambda: _set_access(row),))
    with st.form(f"users_password_{row.id}", clear_on_submit=True, border=False):
        st.text_input(texts("users.new_password"), type="password", key=f"users_new_{row.id}")
        label = texts("users.set_password")
        st.form_submit_button(label, on_click=_guarded, args=(lambda: _set_password(row),))
    label = texts("users.reopen" if row.disabled else "users.close")
    st.button(label, key=f"users_close_{row.id}", on_click=_guarded, args=(lambda: _set_disabled(row),))
    st.caption(texts("users.ends"))


def _set_access(row: AccountRow) -> None:
    state = st.session_state
    set_access(
        session.whole_store(),
        row.name,
        by=session.person().name,
        role=Role(state[f"users_role_change_{row.id}"]),
        businesses=state[f"users_businesses_change_{row.id}"],
        teams=state[f"users_teams_change_{row.id}"],
        agent=state[f"users_agent_change_{row.id}"] or None,
    )


def _set_password(row: AccountRow) -> None:
    given = st.session_state[f"users_new_{row.id}"]
    set_password(session.whole_store(), row.name, given, by=session.person().name)


def _set_disabled(row: AccountRow) -> None:
    set_disabled(session.whole_store(), row.name, not row.disabled, by=session.person().name)


def _access(texts: Texts, key: str, role: Role, row: AccountRow | None = None) -> None:
    """Role and reach; what an account has but no call has any more can still be chosen."""
    facets = session.facets()
    labels = {one.value: texts(f"role.name.{one}") for one in Role}
    place = list(labels).index(role.value)
    st.selectbox(
        texts("users.role"), list(labels), place, format_func=labels.__getitem__, key=f"users_role_{key}"
    )
    own = {"businesses": row.businesses, "teams": row.teams} if row else {"businesses": (), "teams": ()}
    for name, facet in (("businesses", "business"), ("teams", "team")):
        values = list(dict.fromkeys([*facets[facet], *own[name]]))
        st.multiselect(
            texts(f"users.{name}"),
            values,
            list(own[name]),
            key=f"users_{name}_{key}",
            placeholder=texts("users.all"),
        )
    st.text_input(texts("users.agent"), row.agent or "" if row else "", key=f"users_agent_{key}")


def _guarded(change: Callable[[], None]) -> None:
    """Carry a change out, for who may; what is wrong with it is said on the page."""
    texts = session.texts()
    if not session.may(Permission.USERS_MANAGE):
        st.session_state.users_said = (False, texts("login.refused"))
        return
    try:
        change()
    except UsageError as error:
        st.session_state.users_said = (False, str(error))
    else:
        st.session_state.users_said = (True, texts("users.done"))
