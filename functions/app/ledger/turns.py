"""One run per model at a time: the turn is taken, waited for and handed over by single conditional writes.

At most one run waits: a batch stays open while its run waits, so no second run can come to wait behind it.
"""

from app.ledger.batches import BATCH_AND_TURN, retry_on_contention
from app.ledger.table import Item, Table, Write


class Turns(Table):
    """The turn of each model."""

    def wait_for_turn(self, model: str, run: str, task_token: str) -> bool:
        """Queue up with ``task_token``, then take the turn if it is free. True when ``run`` has it.

        Raises:
            Contended: another run waits already; its end clears the way.
        """

        def attempt() -> bool | None:
            waiting = Write(
                f"MODEL#{model}",
                BATCH_AND_TURN,
                set={"waiting_run": run, "waiting_token": task_token},
                condition="(attribute_not_exists(#waiting_run) OR #waiting_run = :run) "
                "AND (attribute_not_exists(#turn) OR #turn <> :run)",
                given={"run": run},
            )
            state = self.write(waiting)
            if state is None:
                return True if self._renew_turn(model, run, task_token) else None
            if "turn" in state:
                return False
            return True if self._hand_over(model, state, holder=None) else None

        return bool(retry_on_contention(attempt))

    def turn(self, model: str) -> tuple[str, str] | None:
        """The run that has the turn now, and its task token; None when none does."""
        state = self.get(f"MODEL#{model}", BATCH_AND_TURN) or {}
        return (state["turn"], str(state.get("turn_token", ""))) if "turn" in state else None

    def _renew_turn(self, model: str, run: str, task_token: str) -> bool:
        """The state that waits was retried: its newest token counts, if ``run`` has the turn."""
        renewed = {"turn_token": task_token}
        change = Write(f"MODEL#{model}", BATCH_AND_TURN, set=renewed, condition="#turn = :run", given={"run": run})
        return self.write(change) is not None

    def holds_turn(self, model: str, run: str) -> bool:
        """Whether ``run`` has the turn now."""
        return (self.get(f"MODEL#{model}", BATCH_AND_TURN) or {}).get("turn") == run

    def runs_in_turn(self, model: str) -> list[str]:
        """The run that has the turn, and the one that waits for it."""
        state = self.get(f"MODEL#{model}", BATCH_AND_TURN) or {}
        return [state[name] for name in ("turn", "waiting_run") if name in state]

    def release_turn(self, model: str, run: str) -> str:
        """End ``run``'s turn or its waiting; the task token of the run that has the turn then, "" if none does.

        The token is answered afterwards, so it is returned again to whoever repeats the release: a crash in between
        loses nothing, and a token answered twice is answered once.
        """

        def attempt() -> str | None:
            state = self.get(f"MODEL#{model}", BATCH_AND_TURN) or {}
            if state.get("waiting_run") == run:
                self.write(_forget_waiter(model, run))
                return None
            if "turn" not in state:
                return ""
            if state["turn"] != run:
                return str(state.get("turn_token", ""))
            if "waiting_run" in state:
                return state["waiting_token"] if self._hand_over(model, state, holder=run) else None
            return "" if self.write(_free(model, run)) is not None else None

        return str(retry_on_contention(attempt))

    def _hand_over(self, model: str, state: Item, holder: str | None) -> bool:
        """Give the turn to the waiting run, if the state is still what it was."""
        free = "attribute_not_exists(#turn)" if holder is None else "#turn = :holder"
        change = Write(
            f"MODEL#{model}",
            BATCH_AND_TURN,
            set={"turn": state["waiting_run"], "turn_token": state["waiting_token"]},
            remove=("waiting_run", "waiting_token"),
            condition=f"{free} AND #waiting_token = :waiting_token",
            given={"waiting_token": state["waiting_token"]} | ({"holder": holder} if holder else {}),
        )
        return self.write(change) is not None


def _forget_waiter(model: str, run: str) -> Write:
    return Write(
        f"MODEL#{model}",
        BATCH_AND_TURN,
        remove=("waiting_run", "waiting_token"),
        condition="#waiting_run = :run",
        given={"run": run},
    )


def _free(model: str, run: str) -> Write:
    return Write(
        f"MODEL#{model}",
        BATCH_AND_TURN,
        remove=("turn", "turn_token"),
        condition="#turn = :run AND attribute_not_exists(#waiting_run)",
        given={"run": run},
    )
