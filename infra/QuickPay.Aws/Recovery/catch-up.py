# A step of the promotion, run by Systems Manager after the first region was shut out: waits until its last commits have come over. RDS says as lag how old
# the last commit is that the replica has replayed. It is therefore nothing only by chance, and grows once nobody commits any more; but when that last
# commit was made after the shutting out, all before it has come over.
import datetime
import time

import boto3
from botocore.config import Config

IMPATIENT = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})
AT_MOST_SECONDS = 180


def catch_up(events, context):
    fenced = float(events["FencedAt"])
    end = time.monotonic() + AT_MOST_SECONDS
    last = None
    while True:
        try:
            last = newest(events["Replica"], fenced) or last
        except Exception as e:
            print(f"the lag is not known: {type(e).__name__}: {e}")
        if last and last[0] >= fenced and (last[1] == 0 or last[0] - last[1] >= fenced):
            return told(events, "yes", f"All that the first region had committed has come over; the last lag was {last[1]:.0f} s.")
        if time.monotonic() >= end:
            break
        time.sleep(10)
    if not last:
        return told(events, "no", "Nothing was heard of the replica's lag after the first region was shut out.")
    open_seconds = fenced - (last[0] - last[1])
    return told(
        events,
        "no",
        f"The last lag was {last[1]:.0f} s. What the first region committed in the {open_seconds:.0f} s before it was shut out, if anything, is not known to have come over.",
    )


def newest(replica, fenced):
    found = boto3.client("cloudwatch", config=IMPATIENT).get_metric_data(
        StartTime=datetime.datetime.fromtimestamp(fenced - 300, datetime.timezone.utc),
        EndTime=datetime.datetime.fromtimestamp(time.time() + 60, datetime.timezone.utc),
        ScanBy="TimestampDescending",
        MetricDataQueries=[
            {
                "Id": "lag",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/RDS",
                        "MetricName": "ReplicaLag",
                        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": replica}],
                    },
                    "Period": 60,
                    "Stat": "Maximum",
                },
            }
        ],
    )["MetricDataResults"][0]
    # Less than nothing is what a replica says that follows nobody.
    known = [(at.timestamp(), lag) for at, lag in zip(found["Timestamps"], found["Values"]) if lag >= 0]
    return max(known, default=None)


def told(events, is_over, said):
    try:
        boto3.client("sns", config=IMPATIENT).publish(TopicArn=events["Topic"], Subject="What has come over", Message=said)
    except Exception as e:
        print(f"not told: {type(e).__name__}: {e}")
    return {"IsOver": is_over, "Said": said}
