"""One exercise a file: `<topic>/<name>.py`, with its template of the same path under `templates/`."""
