"""`orson`: serve the gateway, ask it something, index documents."""

import typer

from app.commands import (
    ask,
    data,
    dialects,
    eval,
    fetch,
    index,
    keys,
    probe,
    replay,
    search,
    serve,
    train,
)

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
app.command()(search.search)
app.command()(search.adapters)
app.command()(fetch.fetch)
app.command()(replay.replay)
app.add_typer(keys.app, name="keys")
app.add_typer(data.data)
app.add_typer(dialects.app, name="dialects")
app.command()(probe.probe)
app.add_typer(eval.app, name="eval")
app.add_typer(train.app)

if __name__ == "__main__":
    app()
