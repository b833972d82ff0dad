"""Pages of the house: accounts, the audit log, signing in, and what a page that fails looks like."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page
from streamlit.testing.v1 import AppTest

from callqa.dashboard import shell
from callqa.dashboard.page_login import sign_in_page
from callqa.dashboard.texts import texts_in
from callqa.privacy.accounts import list_accounts
from callqa.privacy.audit import Action, record
from callqa.store.database import Store
from callqa.tests.dashboard.sample_store import Filled
from callqa.tests.dashboard.test_accessible import complaints

USERS = "from callqa.dashboard.page_users import users_page\nusers_page()"
AUDIT = "from callqa.dashboard.page_audit import audit_page\naudit_page()"
APP = "../../dashboard/app.py"


def run(script: str, lang: str = "zh") -> AppTest:
    at = AppTest.from_string(script, default_timeout=30)
    at.query_params["lang"] = lang
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize("script", [USERS, AUDIT])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_they_run_on_an_empty_store(empty_store: Store, script: str, lang: str) -> None:
    assert len(run(script, lang).info) == 1


def test_the_first_account_is_made_on_the_page(filled: Filled) -> None:
    at = run(USERS)
    at.text_input(key="users_name").set_value("root")
    at.text_input(key="users_password").set_value("correct horse battery")
    next(b for b in at.button if b.label == "建立").click()
    at.run()
    assert [(row.name, row.role.value) for row in list_accounts(filled.store)] == [("root", "admin")]


def test_the_log_is_shown_newest_first_and_found_whole(filled: Filled) -> None:
    for subject in ("call 1", "call 2"):
        record(filled.store, "root", Action.EXPORT, subject)
    at = run(AUDIT)
    assert list(at.dataframe[0].value["对象"]) == ["call 2", "call 1"]
    at.button(key="audit_verify").click().run()
    assert len(at.success) == 1


def test_a_page_that_fails_says_so_and_keeps_the_frame(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise KeyError("secret detail")

    pages = tuple(replace(page, draw=broken) for page in shell.PAGES)
    monkeypatch.setattr(shell, "PAGES", pages)
    at = AppTest.from_file(APP, default_timeout=30).run()
    assert not at.exception
    assert at.error[0].value.startswith("这个页面出错了")
    assert "secret detail" not in at.error[0].value


@pytest.mark.browser
@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_nothing_serious_is_found_where_one_signs_in(page: Page) -> None:
    notice = "用户名或密码不对"
    page.set_content(sign_in_page(texts_in("zh"), notice=notice, oidc={"单位账号": "/oidc"}))
    assert page.get_by_role("alert").inner_text() == notice
    assert complaints(page) == []
