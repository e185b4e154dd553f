"""`grader gradescope-zip`, and what runs inside the zip."""

from __future__ import annotations

from pathlib import Path

import click

from grader.commands.showing import CODES, FILE


@click.command("gradescope-zip", epilog=CODES)
@click.argument("assignments", metavar="ASSIGNMENT...", nargs=-1, required=True, type=FILE)
@click.option("--out", type=FILE, required=True, help="The zip to write.")
@click.option("--wheel", type=FILE, help="A wheel of gradsheet.  [default: built from here]")
@click.option(
    "--visibility",
    type=click.Choice(["visible", "after_due_date", "after_published", "hidden"]),
    default="after_published",
    show_default=True,
    help="When students see the marks of the parts, and the total.",
)
@click.option("--advice/--no-advice", default=True, help="Tell what is wrong.  [default: advice]")
@click.option(
    "--late-after",
    metavar="TIME",
    help="The last moment that is in time: 2026-12-01T23:59+01:00, or a day, to its end in UTC.",
)
@click.option("--late-penalty", default="0", metavar="SHARE", help="Per started day, as in 10%.")
@click.option("--late-max", default="100%", metavar="SHARE", help="The most that lateness costs.")
@click.option(
    "--any-address", is_flag=True, help="Senders may have other addresses than the roster."
)
@click.option(
    "--without-seal",
    is_flag=True,
    help="Grade forms without a seal too. Who has the zip can then open every key.",
)
def gradescope_zip(
    assignments: tuple[Path, ...],
    out: Path,
    wheel: Path | None,
    visibility: str,
    advice: bool,
    late_after: str | None,
    late_penalty: str,
    late_max: str,
    any_address: bool,
    without_seal: bool,
) -> None:
    """Write the autograder of built assignments for Gradescope.

    ASSIGNMENT is the folder that `generator build` wrote, or its folder of keys. The keys in the
    zip are encrypted: each opens to the form of its own student alone.

    \b
    Examples:
      grader gradescope-zip output/week3 --out autograder.zip
      grader gradescope-zip output/week3 output/week4 --out autograder.zip --visibility visible
    """
    from generator.model.files import write_whole
    from grader.platforms.gradescope import Settings, autograder_zip, late_policy
    from grader.platforms.keys import load_keys
    from grader.platforms.wheels import wheel as wheel_of
    from grader.policies import in_time

    settings = Settings(
        visibility,  # type: ignore[arg-type]
        advice,
        late_after,
        late_penalty,
        late_max,
        any_address,
    )
    keys = [key for each in assignments for key in load_keys(each)]
    with wheel_of(wheel) as built:
        data = autograder_zip(keys, built, settings, without_seal=without_seal)
    write_whole(out, data, mode=0o600)
    click.echo(f"{len(keys)} sheets, {len(data) / 2**20:.1f} MB: {out}")
    if told := in_time(late_policy(settings)):
        click.echo(told)


@click.command("gradescope-run", hidden=True)
@click.argument("root", type=FILE)
def gradescope_run(root: Path) -> None:
    """Grade the submission in ROOT, which is laid out as Gradescope's /autograder."""
    from grader.platforms.gradescope import run

    found = run(root)
    click.echo(f"score {found['score']}, {len(found['tests'])} tests")
