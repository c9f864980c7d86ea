"""Find a study and open it: the door through which the command line reaches the store."""

from annotate.store.study import Study, find_study

__all__ = ["Study", "find_study"]
