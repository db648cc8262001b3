"""The logs of SageMaker's jobs: each job's streams begin with its name."""

from botocore.exceptions import ClientError

from app.aws.clients import calling, client


def last_lines(group: str, job: str, most: int) -> tuple[str, list[str]]:
    """The first stream of a job, and its last lines, oldest first; the job's name and none where it wrote no log.

    Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
    """
    try:
        with calling("ResourceNotFoundException"):
            response = client("logs").describe_log_streams(logGroupName=group, logStreamNamePrefix=job + "/")
            streams = [stream["logStreamName"] for stream in response["logStreams"]]
            if not streams:
                return job, []
            events = client("logs").get_log_events(
                logGroupName=group, logStreamName=streams[0], limit=most, startFromHead=False
            )["events"]
    except ClientError:
        return job, []
    return streams[0], [event["message"].rstrip() for event in events[-most:]]
