# A step of the promotion, run by Systems Manager: tells the replica to become a primary. RDS refuses that while it backs the replica up or changes it, so
# it is told again and again; the step is repeated when that takes longer than a step may.
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

IMPATIENT = Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 3})
AT_MOST_SECONDS = 480
PASSES = ("InvalidDBInstanceState", "InvalidDBInstanceStateFault", "Throttling", "ThrottlingException", "RequestLimitExceeded", "InternalFailure", "ServiceUnavailable")


def promote(events, context):
    rds = boto3.client("rds", config=IMPATIENT)
    end = time.monotonic() + AT_MOST_SECONDS
    while True:
        try:
            database = rds.describe_db_instances(DBInstanceIdentifier=events["Replica"])["DBInstances"][0]
            # A try before this one may have got through.
            if not database.get("ReadReplicaSourceDBInstanceIdentifier"):
                return {"Said": "is nobody's replica"}
            rds.promote_read_replica(DBInstanceIdentifier=events["Replica"], BackupRetentionPeriod=int(events["BackupDays"]))
            return {"Said": "told"}
        except ClientError as e:
            if e.response["Error"]["Code"] not in PASSES or time.monotonic() >= end:
                raise
            print(e)
        except Exception as e:
            if time.monotonic() >= end:
                raise
            print(e)
        time.sleep(10)
