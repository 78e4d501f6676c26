"""The commands around the page: serve, feedback export, users hash."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.command_options import (
    IndexOption,
    ModelOption,
    PoliciesOption,
    RegionOption,
    build_progress,
    say,
    settings_of,
)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]
FeedbackOption = Annotated[
    Path | None, typer.Option("--feedback", help="The SQLite file of ratings.")
]
HostOption = Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")]
PortOption = Annotated[int | None, typer.Option(help="Port to listen on. Default: 7860.")]
TitleOption = Annotated[str | None, typer.Option(help="What the page is called.")]
KeepFeedbackDaysOption = Annotated[
    int | None, typer.Option(help="Keep ratings and their questions that long. Default: 0.")
]
OwnPoliciesOption = Annotated[
    bool | None, typer.Option(help="Whether visitors may ask a policy of their own.")
]
FrameOriginsOption = Annotated[
    str | None, typer.Option(help="Sites that may frame the page, with commas between.")
]
AllowedHostsOption = Annotated[
    str | None, typer.Option(help="Host names that the page answers to, with commas between.")
]
UsersOption = Annotated[
    Path | None, typer.Option(help="TOML file of who may log in; see `users hash`.")
]
UserHeaderOption = Annotated[
    str | None, typer.Option(help="Header in which a trusted proxy names who logged in.")
]
TrustedProxiesOption = Annotated[
    str | None, typer.Option(help="Addresses of proxies to believe, with commas between.")
]
OidcIssuerOption = Annotated[
    str | None, typer.Option(help="OpenID Connect provider to log in with.")
]
OidcClientIdOption = Annotated[str | None, typer.Option(help="The page's name there.")]
OidcUsersOption = Annotated[
    str | None, typer.Option(help="Who may come from there: e-mail addresses, @domains.")
]
SessionHoursOption = Annotated[
    int | None, typer.Option(help="How long a login lasts. Default: 12.")
]
RateLimitOption = Annotated[
    str | None, typer.Option(help="How often one address may ask, as 30/minute.")
]
ApprovedOption = Annotated[Path | None, typer.Option(help="SQLite file of approved answers.")]
RunsOption = Annotated[Path | None, typer.Option(help="Folder of evaluation runs.")]
AuditOption = Annotated[Path | None, typer.Option(help="File of logins, approvals and deletions.")]


def serve(
    config: ConfigOption = None,
    host: HostOption = None,
    port: PortOption = None,
    title: TitleOption = None,
    keep_feedback_days: KeepFeedbackDaysOption = None,
    feedback: FeedbackOption = None,
    own_policies: OwnPoliciesOption = None,
    frame_origins: FrameOriginsOption = None,
    allowed_hosts: AllowedHostsOption = None,
    users: UsersOption = None,
    user_header: UserHeaderOption = None,
    trusted_proxies: TrustedProxiesOption = None,
    oidc_issuer: OidcIssuerOption = None,
    oidc_client_id: OidcClientIdOption = None,
    oidc_users: OidcUsersOption = None,
    session_hours: SessionHoursOption = None,
    rate_limit: RateLimitOption = None,
    audit: AuditOption = None,
    approved: ApprovedOption = None,
    runs: RunsOption = None,
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    region: RegionOption = None,
) -> None:
    """Open the page for browsers."""
    settings = settings_of(
        policies, index, model, region, config=config, host=host, port=port, title=title,
        keep_feedback_days=keep_feedback_days, feedback=feedback, own_policies=own_policies,
        frame_origins=frame_origins, allowed_hosts=allowed_hosts, users=users,
        user_header=user_header, trusted_proxies=trusted_proxies, oidc_issuer=oidc_issuer,
        oidc_client_id=oidc_client_id, oidc_users=oidc_users, session_hours=session_hours,
        rate_limit=rate_limit, audit=audit, approved=approved, runs=runs,
    )  # fmt: skip
    from assistant.page.serve import serve as serve_page

    with build_progress() as progress:
        serve_page(settings, report=say, progress=progress)


users_app = typer.Typer(help="Who may log in.", no_args_is_help=True)


@users_app.callback()
def _users() -> None:
    """Keeps `hash` a command of its own, though it is the only one."""


@users_app.command("hash")
def hash_user(
    name: Annotated[str, typer.Argument(help="The name to log in with.")],
    tab: Annotated[
        list[str] | None, typer.Option("--tab", help="lookup or evaluate. Default: both.")
    ] = None,
) -> None:
    """Read a password, unseen, and print the lines for the file of users."""
    from assistant.page.access.users import user_lines

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    typer.echo(user_lines(name, password, tab))


feedback_app = typer.Typer(help="What people thought of answers.", no_args_is_help=True)


@feedback_app.command("export")
def export_feedback(
    output: Annotated[Path | None, typer.Option(help="JSON Lines file. Default: stdout.")] = None,
    with_unhelpful: Annotated[
        bool, typer.Option("--with-unhelpful", help="Also answers that were rated unhelpful.")
    ] = False,
    config: ConfigOption = None,
    feedback: FeedbackOption = None,
    keep_feedback_days: Annotated[
        int | None, typer.Option(help="As in serve; older ratings are deleted, not exported.")
    ] = None,
) -> None:
    """Make a question set of the answers that were rated helpful."""
    from assistant.stores.feedback import export

    settings = settings_of(config=config, feedback=feedback, keep_feedback_days=keep_feedback_days)
    lines = export(settings.feedback_file, settings.keep_feedback_days, with_unhelpful)
    text = "".join(line + "\n" for line in lines)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        say(f"Questions in {output}: {len(lines)}.")
