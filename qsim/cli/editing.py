"""The verb that edits a scenario in the browser."""

from typing import Annotated

import typer

from qsim.cli.common import errors_told, say, texts_of
from qsim.cli.options import Policy, Texts
from qsim.editing.server import Editor


def edit(
    scenario: Annotated[str, typer.Argument(help="a scenario folder of your own", metavar="FOLDER")],
    policy: Policy = "hmm",
    text: Texts = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="the port to listen on; by default a free one")] = 0,
) -> None:
    """Edit a scenario in the browser: places on the map, claims with the document beside; nothing leaves this machine."""
    with errors_told(), Editor(scenario, policy=policy, port=port, texts=texts_of(text)) as editor:
        say(f"open {editor.address}\nwho has this address may edit {editor.folder}; Ctrl-C ends it")
        try:
            editor.serve_forever()
        except KeyboardInterrupt:
            say("ended; everything that was saved is in the folder's files")
