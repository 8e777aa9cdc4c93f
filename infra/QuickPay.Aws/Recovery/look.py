# A step of the promotion, run by Systems Manager before anybody is asked: how far the replica was behind before the first region was lost, which is about
# what a promotion loses. Of a replica that was far behind, or of which nothing is known, a person is asked in any case.
import datetime
import time

import boto3
from botocore.config import Config

IMPATIENT = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3})

# Who starts this has been waiting for some minutes to be sure. What is said of those is the loss itself: the lag grows by a second each second.
LOST_FOR_SECONDS = 5 * 60
KNOWN_FOR_SECONDS = 15 * 60


def look(events, context):
    try:
        lag = last_lag(events["Replica"])
    except Exception as e:
        print(f"the lag is not known: {type(e).__name__}: {e}")
        lag = None
    is_near = lag is not None and lag <= float(events["MostSeconds"])
    return {
        "Ask": "no" if events["Approval"] == "no" and is_near else "yes",
        "Lag": "NOT KNOWN" if lag is None else f"{lag:.0f} s",
    }


def last_lag(replica):
    now = time.time()
    found = boto3.client("cloudwatch", config=IMPATIENT).get_metric_data(
        StartTime=datetime.datetime.fromtimestamp(now - KNOWN_FOR_SECONDS, datetime.timezone.utc),
        EndTime=datetime.datetime.fromtimestamp(now - LOST_FOR_SECONDS, datetime.timezone.utc),
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
    )["MetricDataResults"][0]["Values"]
    # Less than nothing is what a replica says that follows nobody.
    return found[0] if found and found[0] >= 0 else None
