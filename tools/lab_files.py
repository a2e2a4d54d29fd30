"""How the JupyterLab of `make lab` saves notebooks: in the form in which they are kept in git.

Lab stores a PNG image next to each figure it draws, one number of a figure's data on each line, and a progress bar that
stopped with its kernel: opening a notebook and saving it would change thousands of lines.
"""

import nbformat
from nbformat.v4.rwbase import rejoin_lines
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

import notebook_form


class NotebookFiles(AsyncLargeFileManager):
    """Files of JupyterLab; only notebooks for the Deno kernel are saved in another form."""

    def run_pre_save_hooks(self, model, path, **options):
        super().run_pre_save_hooks(model, path, **options)
        if model.get("type") == "notebook" and notebook_form.is_ours(model.get("content") or {}):
            # Before the server signs the notebook, which makes it trusted when it is opened again.
            notebook = rejoin_lines(nbformat.from_dict(model["content"]))
            notebook_form.tidy(notebook)
            model["content"] = notebook

    async def _save_notebook(self, os_path, nb, capture_validation_error=None):
        if not notebook_form.is_ours(nb):
            return await super()._save_notebook(os_path, nb, capture_validation_error)
        text = notebook_form.text_of(nb, version=nbformat.NO_CONVERT, capture_validation_error=capture_validation_error)
        with self.atomic_writing(os_path, encoding="utf-8") as file:
            file.write(text)
