"""What a state machine's logging configuration asks for: one line per history event, in the log group's streams.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.asl.eval.event.logging import CloudWatchLoggingConfiguration, is_logging_enabled_for

from localcloud.watch import logs


class Session:
    """Writes one execution's history events; the engine asks it about each."""

    def __init__(self, execution_arn: str, configuration: CloudWatchLoggingConfiguration) -> None:
        self.execution_arn = execution_arn
        self.configuration = configuration
        self._stream = f"states/{execution_arn.split(':')[6]}/{execution_arn.rsplit(':', 1)[1]}"

    def log_level_filter(self, history_event_type: Any) -> bool:
        """Whether the configured level covers this event."""
        wanted: bool = is_logging_enabled_for(self.configuration.log_level, history_event_type)
        return wanted

    def publish_history_log(self, history_log: dict[str, Any]) -> None:
        """Write the event as one JSON line."""
        at = datetime.fromisoformat(history_log["event_timestamp"])
        line = {
            **history_log,
            "event_timestamp": str(int(at.timestamp() * 1000)),
            "type": str(history_log["type"].value),
        }
        logs.write(self.configuration.log_group_name, self._stream, [json.dumps(line, default=str)])


def session(execution: Any) -> Session | None:
    """The session of an execution whose machine logs, else None."""
    wanted = execution.state_machine.loggingConfiguration
    if not wanted:
        return None
    configuration = CloudWatchLoggingConfiguration.from_logging_configuration(
        execution.state_machine.arn, {"includeExecutionData": False, **wanted}
    )
    return Session(execution.exec_arn, configuration) if configuration else None
