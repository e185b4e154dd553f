"""One exercise a file, `<topic>/<name>.py`; its template has the same path in `templates/`."""
