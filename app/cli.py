"""`orson`: serve the gateway, ask it something, index documents."""

import typer

from app.commands import ask, index, serve

app = typer.Typer(
    name="orson",
    help="A chat gateway that lets a language model look things up in mid-sentence.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)
app.command()(serve.serve)
app.command()(ask.ask)
app.command()(index.index)

if __name__ == "__main__":
    app()
