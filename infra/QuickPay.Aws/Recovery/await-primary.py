# A step of the promotion, run by Systems Manager: ends well once the database is nobody's replica and there for use. Right after it was told to become a
# primary it still says that it is available, as the replica that it is; and soon after it has become one it makes its first backup, and takes writes.
import time

import boto3

THERE_FOR_USE = ("available", "backing-up")


def await_primary(events, context):
    rds = boto3.client("rds")
    status = ""
    # A step may take ten minutes.
    for _ in range(int(events.get("Looks", 56))):
        database = rds.describe_db_instances(DBInstanceIdentifier=events["Database"])["DBInstances"][0]
        status = database["DBInstanceStatus"]
        if not database.get("ReadReplicaSourceDBInstanceIdentifier") and status in THERE_FOR_USE:
            return {"Status": status}
        time.sleep(int(events.get("Seconds", 10)))
    raise Exception(f"{events['Database']} has not become a primary: {status}")
