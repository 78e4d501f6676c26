"""The login page, and what people read who may not go on (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.page.markup import Markup, element
from assistant.page.navigation import navigation_html
from assistant.page.shell import head_html, static_url
from assistant.page.tabs import ASK, LOGIN


@dataclass(frozen=True, slots=True)
class LoginForm:
    """What the login page offers.

    Attributes:
        token: what the form brings along to show that it is ours.
        next_page: where to go after the login.
        has_password: whether there are users with passwords.
        oidc_host: the provider that can be used instead; None if there is none.
        oidc_url: the address that leads there.
        problem: what went wrong before.
    """

    token: str
    next_page: str
    has_password: bool
    oidc_host: str | None
    oidc_url: str
    problem: str | None = None


def login_html(title: str, form: LoginForm) -> str:
    """The page that asks who somebody is."""
    problem = element("p", form.problem, class_="pa-notice", role="alert") if form.problem else None
    provider = None
    if form.oidc_host:
        provider = element("a", f"Log in with {form.oidc_host}", href=form.oidc_url, class_="pa-go")
    elsewhere = None
    if not form.has_password and not form.oidc_host:
        elsewhere = element(
            "p",
            "You log in before you come here, but this request came without your name. Open the "
            "page at its usual address.",
        )
    asked = _password_form(form) if form.has_password else None
    return _page(title, LOGIN.label, navigation_html(None), problem, asked, provider, elsewhere)


def refusal_html(title: str, problem: str, name: str, *, can_log_out: bool) -> str:
    """The page that says what somebody who has logged in may not do."""
    bar = navigation_html(None, name, can_log_out=can_log_out)
    return _page(title, "Not allowed", bar, element("p", problem, class_="pa-notice", role="alert"))


def _page(title: str, heading: str, bar: Markup, *content: Markup | None) -> str:
    """A page without Gradio."""
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", f"{heading} · {title}"),
        head_html(None),
        element("script", src=static_url(ASK, "dark.js")),  # before anything is drawn
    )
    shown = element("main", element("h1", heading), *content, class_="pa-plain")
    body = element("body", bar, shown)
    return f"<!doctype html>{element('html', head, body, lang='en')}"


def _password_form(form: LoginForm) -> Markup:
    return element(
        "form",
        element("input", type="hidden", name_="token", value=form.token),
        element("input", type="hidden", name_="next", value=form.next_page),
        _field("Name", "name", "text", "username", is_first=True),
        _field("Password", "password", "password", "current-password"),
        element("button", "Log in", type="submit", class_="pa-go"),
        method="post",
        action=LOGIN.home,
    )


def _field(label: str, name: str, kind: str, fills: str, *, is_first: bool = False) -> Markup:
    box = element(
        "input", type=kind, name_=name, autocomplete=fills, required=True, autofocus=is_first
    )
    return element("label", label, box)
