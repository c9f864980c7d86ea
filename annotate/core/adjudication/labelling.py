"""A state without adjudication projects: there, a label is a decision over others' labels and no judgment."""

from __future__ import annotations

from dataclasses import replace

from annotate.core.adjudication.decided import ADJUDICATION
from annotate.core.state import State


def labelling_state(state: State) -> State:
    """The state as annotators made it; the same object where nobody has adjudicated."""
    apart = {key for key, project in state.projects.items() if project.pass_name == ADJUDICATION}
    if not apart:
        return state
    return replace(
        state,
        projects={key: one for key, one in state.projects.items() if key not in apart},
        passages={key: one for key, one in state.passages.items() if key[0] not in apart},
        placed={key: one for key, one in state.placed.items() if key[0] not in apart},
        placed_relations={key: one for key, one in state.placed_relations.items() if key[0] not in apart},
        labels={key: one for key, one in state.labels.items() if key[0] not in apart},
        relations={key: one for key, one in state.relations.items() if key[0] not in apart},
        confirmations={key: one for key, one in state.confirmations.items() if key[0] not in apart},
        comments={key: one for key, one in state.comments.items() if key[0] not in apart},
    )
