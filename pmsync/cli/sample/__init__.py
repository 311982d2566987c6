"""The files of a first project: what `pmsync init` writes and `pmsync demo` runs."""
