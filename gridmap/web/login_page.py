"""The page where one signs in, drawn without anything from outside."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from gridmap.errors import GridmapError
from gridmap.i18n import LANGUAGES, Language, Translate, describe_error
from gridmap.i18n.labels import label
from gridmap.services.accounts import DemoAccount
from gridmap.web.plain_page import draw_notice, draw_plain_page
from gridmap.web.preloading import draw_prefetch


@dataclass(frozen=True)
class LoginPage:
    """What the page shows."""

    language: Language
    target: str
    demo_accounts: Sequence[DemoAccount]
    failure: GridmapError | None
    translate: Translate


def draw_login_page(page: LoginPage) -> str:
    """The page as HTML; works without a script."""
    _ = page.translate
    target = html.escape(page.target, quote=True)
    notice = "" if page.failure is None else draw_notice(describe_error(page.failure, _))
    body = f"""<p>{_("Sign in to see the map.")}</p>
{notice}
<form method="post" action="/session/login">
<input type="hidden" name="next" value="{target}">
<label>{_("Account")}<input name="name" autocomplete="username" required autofocus></label>
<label>{_("Password")}<input name="password" type="password" autocomplete="current-password" required></label>
<button class="go">{_("Sign in")}</button>
</form>
{_draw_demo(page, target)}
{_draw_languages(page)}"""
    return draw_plain_page(body, language=page.language, title=_("Sign in"), head=draw_prefetch())


def _draw_demo(page: LoginPage, target: str) -> str:
    if not page.demo_accounts:
        return ""
    _ = page.translate
    forms = "".join(
        '<form method="post" action="/session/login">'
        f'<input type="hidden" name="next" value="{target}">'
        f'<input type="hidden" name="name" value="{html.escape(account.name, quote=True)}">'
        f'<input type="hidden" name="password" value="{html.escape(account.password, quote=True)}">'
        f'<button style="width:100%">{label("role", account.role.value, _)}</button></form>'
        for account in page.demo_accounts
    )
    return f'<div class="demo"><p>{_("Synthetic demo data: enter as")}</p><div>{forms}</div></div>'


def _draw_languages(page: LoginPage) -> str:
    target = html.escape(f"/session/login?next={quote(page.target)}", quote=True)
    buttons = "".join(
        '<form method="post" action="/session/language">'
        f'<input type="hidden" name="next" value="{target}">'
        f'<button name="language" value="{tag}"{" aria-current=true" if tag == page.language else ""}>{name}</button>'
        "</form>"
        for tag, name in LANGUAGES.items()
    )
    return f'<div class="languages">{buttons}</div>'
